import { isScope, splitScope } from '../containment/levels.ts';
import { isLevel, type Level } from '../model/level.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { plain } from './print.ts';

/** WHAT and `--level` of commands that stop, release and drill: how they are written is usage, who there is is not. */

const WHAT =
  'all, agent:ID, owner:ID, session:ID, operation:NAME (mcp:UPSTREAM/TOOL), upstream:ID or target:ID';

/** Throws wrong usage where no instance could know what is meant. A mistyped id is left to one that knows the nearest. */
export function scopeWord(text: string): string {
  const split = splitScope(text);
  const isId = split !== null && ['agent', 'owner', 'upstream'].includes(split.kind);
  if (isId ? split.id !== '' : isScope(text)) return text;
  throw new CommandFailure(EXIT.usage, `"${plain(text)}" names nothing here; ${likely(text)}say ${WHAT}.`);
}

/** What was probably meant: `ALL`, `Agent:writer`, or the id of an agent alone. Only a hint: nothing is stopped by a guess. */
function likely(text: string): string {
  const [kind = '', ...rest] = text.split(':');
  const lower = [kind.toLowerCase(), ...rest].join(':');
  if (lower !== text && isScope(lower)) return `did you mean ${plain(lower)}? Otherwise `;
  return isScope(`agent:${text}`) ? `an agent is agent:${text}. Otherwise ` : '';
}

/** One of `levels`; throws wrong usage else. */
export function levelWord<L extends Level>(text: string, levels: readonly L[], what: string): L {
  const level = levels.find((one) => isLevel(text) && one === text);
  if (level !== undefined) return level;
  const known = `${levels.slice(0, -1).join(', ')} or ${levels.at(-1)}`;
  throw new CommandFailure(EXIT.usage, `"${plain(text)}" is no level to ${what}; say ${known}.`);
}
