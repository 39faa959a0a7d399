import { err, type Result } from '../base/result.ts';
import type { Operations, OperatorRefusal } from '../control/operations.ts';

/** What operators cannot do while nothing runs. What tightens is none of it. */
const STILL = [
  'accept',
  'acknowledge',
  'act',
  'answerAppeal',
  'appeal',
  'approval',
  'approve',
  'approveBatch',
  'askLess',
  'batch',
  'case',
  'checkpoint',
  'closeCase',
  'confirm',
  'deny',
  'drill',
  'edit',
  'enrolCode',
  'explain',
  'grant',
  'leaseSample',
  'less',
  'look',
  'makePointToken',
  'makeToken',
  'release',
  'resolve',
  'resolveAlike',
  'revokeGrant',
  'subscribe',
  'suggest',
  'takeOver',
  'testApproval',
  'testNotice',
  'unsubscribe',
] as const satisfies readonly (keyof Operations)[];

type Still = Record<(typeof STILL)[number], () => Promise<Result<never, OperatorRefusal>>>;

/** Every act that needs something to run, each answered with why it is not done. */
export function nothingDone(why: OperatorRefusal): Still {
  const still = async () => err(why);
  return Object.fromEntries(STILL.map((name) => [name, still])) as Still;
}

/** What is there to be looked at: nothing. */
export const NOTHING_THERE = {
  catalog: async () => [],
  alerts: async () => ({ alerts: [], undelivered: [] }),
  inbox: async () => ({ approvals: [], alerts: [], appeals: [], undelivered: [], unreached: [] }),
  phone: async () => ({}),
  pushKey: async () => ({ key: null }),
  points: async () => [],
  appeals: async () => [],
  cases: async () => [],
  approvals: async () => [],
  grants: async () => [],
  unconfirmed: async () => [],
} satisfies Partial<Operations>;
