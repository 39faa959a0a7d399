import { type Problem, problem } from '../../base/errors.ts';
import type { Agent } from '../../model/agent.ts';
import type { Person } from '../../model/person.ts';
import type { ActName } from '../operate.ts';

/** What an act is about, as far as who may depends on it. */
export interface About {
  /** The agents that it touches; none: it concerns the instance. */
  readonly agents?: readonly Pick<Agent, 'owner'>[];
  /** Of an answer: whether a rule names this person for it (approval/ says so). */
  readonly named?: boolean;
  /** Of an answer or an invitation: whose it is; nobody gives it for her. */
  readonly only?: string;
  /** Of a look at an agent, a case of it or an alert: who answers for it, its owner and its backup, and who was told. */
  readonly answerable?: readonly string[];
  /** The person whose own matter it is: how she is reached. */
  readonly person?: string;
  /** Whose passkeys or recovery codes it is about. */
  readonly subject?: string;
}

/** Acts that an owner may do for agents of her own. */
const OWNERS: ReadonlySet<string> = new Set([
  'token',
  'release',
  'release-first',
  'grant',
  'acknowledge',
  'resolve',
]);
/** Acts that security may do for any agent. */
const SECURITYS: ReadonlySet<string> = new Set(['release', 'release-first', 'acknowledge', 'close-case']);
/** Acts that everybody may do for herself. */
const OWN: ReadonlySet<string> = new Set([
  'subscribe',
  'unsubscribe',
  'stop-key',
  'revoke-stop-key',
  'stop-codes',
  'test-approval',
]);
/** Answers to approvals: for whom a rule names, and for nobody else. */
const ANSWERS: ReadonlySet<string> = new Set(['approve', 'approve-batch', 'edit', 'answer']);

/** Acts that whoever answers for an agent, or was told in their place, may do besides. */
const ANSWERABLES: ReadonlySet<string> = new Set(['close-case', 'acknowledge']);

/** For who answers for the agent, and nobody else: an admin's look is none of its owner's. */
const LOOKS: ReadonlySet<string> = new Set(['look', 'take-over']);

/** What everybody does about what she signs and signs in with. */
const KEYS: ReadonlySet<string> = new Set(['enrol', 'remove-passkey', 'recovery-codes', 'end-session']);

/**
 * Why this person may not do that; null where she may. Who is an auditor and nothing else changes nothing;
 * everybody else tightens; admin all but answering for others; owners tokens, grants and release for their own agents;
 * security releases and acknowledges; answers are for whom a rule names.
 */
export function whyNot(person: Person, act: ActName, tightens: boolean, about: About): Problem | null {
  if (person.disabled === true) return problem('PERSON_DISABLED', { person: person.id });
  if (KEYS.has(act) && about.subject === person.id) return null;
  if (act === 'enrol' || act === 'recovery-codes') return problem('HERSELF_ALONE');
  if (act === 'end-session' && !person.roles.includes('admin'))
    return problem('NOT_ENTITLED', { person: person.id, whom: 'an admin, or the person herself' });
  if (isMerelyAuditor(person)) return problem('AUDITOR_ONLY');
  if (about.only !== undefined && about.only !== person.id)
    return problem(act === 'invite' ? 'INVITATION_OF_ANOTHER' : 'ANSWER_OF_ANOTHER', { person: about.only });
  if (tightens) return null;
  if (act === 'answer' && about.named !== true) return problem('OWNER_OR_BACKUP');
  if (LOOKS.has(act))
    return about.answerable?.includes(person.id) === true ? null : problem('OWNER_OR_BACKUP');
  if (ANSWERS.has(act)) return about.named === true ? null : problem('NOT_NAMED');
  // A yes in advance is an answer too: nobody gives it for those whom the rules name.
  if (act === 'grant' && about.named !== true) return problem('GRANT_NOT_HERS');
  if (person.roles.includes('admin')) return null;
  if (SECURITYS.has(act) && person.roles.includes('security')) return null;
  if (OWN.has(act) && about.person === person.id) return null;
  if (ANSWERABLES.has(act) && about.answerable?.includes(person.id) === true) return null;
  const agents = about.agents ?? [];
  const own = agents.length > 0 && agents.every(({ owner }) => owner === person.id);
  if (own && person.roles.includes('owner') && OWNERS.has(act)) return null;
  return problem('NOT_ENTITLED', { person: person.id, whom: takes(act) });
}

/**
 * Why this person may not say no to a change that waits; null where she may. A no takes nothing from anybody but her who
 * asked, so everybody's counts who changes anything; to what somebody signs with, hers and an admin's.
 */
export function whyNotDrop(person: Person, act: ActName, { subject }: About): Problem | null {
  if (person.disabled !== true && KEYS.has(act) && (subject === person.id || person.roles.includes('admin')))
    return null;
  return whyNot(person, act, true, {});
}

/** Whether somebody's key or code may stop: everybody's but an auditor's. */
export const mayStop = (person: Person): boolean => person.disabled !== true && !isMerelyAuditor(person);

function isMerelyAuditor({ roles }: Person): boolean {
  return roles.length > 0 && roles.every((role) => role === 'auditor');
}

function takes(act: ActName): string {
  if (OWN.has(act)) return 'an admin, or the person herself';
  if (SECURITYS.has(act)) return "an admin, security, or the agent's owner";
  return OWNERS.has(act) ? "an admin or the agent's owner" : 'an admin';
}
