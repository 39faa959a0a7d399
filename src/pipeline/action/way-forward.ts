import type { ErrorCode } from '../../base/errors.ts';
import { OWN_UPSTREAM } from '../../catalog/own-server.ts';
import type { Rooms } from '../rooms.ts';

/** Which tool of the built-in server fits a denial. */
const FITS: { readonly [code in ErrorCode]?: string } = {
  NO_PERMIT: 'request_permission',
  FORBIDDEN: 'ask_person',
  APPROVAL_DENIED: 'ask_person',
  RULE_ERROR: 'hand_over',
  RULE_DOES_NOT_FIT: 'hand_over',
  PIN_CHANGED: 'hand_over',
  LISTED_TWICE: 'hand_over',
  TOO_MANY_PENDING: 'hand_over',
};

/** The tool that helps an agent on after this denial, where the rules let it have that tool. */
export function wayForward(
  rooms: Pick<Rooms, 'inForce' | 'halt'>,
  id: string,
  code: ErrorCode | undefined,
): string | undefined {
  const tool = code === undefined ? undefined : FITS[code];
  const { agents, policy } = rooms.inForce();
  const agent = agents.get(id);
  if (tool === undefined || agent === undefined) return undefined;
  const level = rooms.halt.levelOf(agent);
  return policy.listable(id, level, `mcp:${OWN_UPSTREAM}/${tool}`) ? tool : undefined;
}
