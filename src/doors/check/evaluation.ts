import { type Problem, problem } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { ok, type Result } from '../../base/result.ts';
import { type Evaluation, type Evaluations, readEvaluation, type Semantic } from '../../intake/check.ts';
import type { CheckCorridor, Checked } from '../../pipeline/check/check-corridor.ts';
import type { Bearer } from '../../pipeline/credentials/tokens.ts';
import type { ActionSessions } from '../http/action-sessions.ts';
import { answerDecision, answerRefusal } from './answers.ts';

/** What every question is answered with. */
export interface Desk {
  readonly corridor: CheckCorridor;
  readonly sessions: ActionSessions;
}

/** One question through intake and corridor. What is refused on the way is counted. Never rejects. */
export async function evaluate(desk: Desk, caller: Bearer, request: Json): Promise<Checked> {
  const evaluation = readEvaluation(request);
  if (!evaluation.ok) return refuse(desk, caller, evaluation.error);
  const { agent, attempt, resource } = evaluation.value;
  if (!desk.corridor.speaksFor(caller, agent))
    return refuse(desk, caller, problem('FOREIGN_AGENT', { agent }));
  const session = sessionOf(desk, caller, evaluation.value);
  if (!session.ok) return refuse(desk, caller, session.error);
  return desk.corridor.check({
    ...attempt,
    agent,
    session: session.value,
    token: caller.token,
    door: 'check',
    resource,
    ...('point' in caller ? { point: caller.point } : {}),
    ...(caller.ofRun === undefined ? {} : { ofRun: caller.ofRun }),
  });
}

function refuse(desk: Desk, caller: Bearer, found: Problem): Checked {
  desk.corridor.refused(caller, found);
  return { kind: 'refused', problem: found };
}

/** A session is its agent's, whoever names it; without a name each token has one for each agent it speaks for. */
function sessionOf(desk: Desk, caller: Bearer, { agent, session }: Evaluation): Result<string, Problem> {
  const token = 'point' in caller ? `${caller.token} ${agent}` : caller.token;
  return session === undefined
    ? ok(desk.sessions.ofToken({ agent, token }))
    : desk.sessions.named({ agent, token }, session);
}

/**
 * Many questions, in the order asked. `execute_all` asks them side by side; the other two one after the other, each
 * recorded before the next is looked at, up to the first deny or permit (AuthZEN 1.0, "Evaluations semantics").
 */
export async function evaluateAll(
  desk: Desk,
  caller: Bearer,
  { semantic, items }: Evaluations,
): Promise<readonly Checked[]> {
  if (semantic === 'execute_all') return sideBySide(items, (item) => evaluate(desk, caller, item));
  const checked: Checked[] = [];
  for (const item of items) {
    const one = await evaluate(desk, caller, item);
    checked.push(one);
    if (isLast(semantic, one.kind === 'cleared')) break;
  }
  return checked;
}

/** Whether an answer ends the list. */
function isLast(semantic: Semantic, isAllowed: boolean): boolean {
  return semantic === (isAllowed ? 'permit_on_first_permit' : 'deny_on_first_deny');
}

/** A few at a time: each counts as in flight for its agent, and one request must not use all of that up. */
async function sideBySide<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
  const done: U[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      const item = items[at];
      if (item !== undefined) done[at] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(LIMITS.evaluationsAtOnce, items.length) }, worker));
  return done;
}

/** One answer as it leaves: a clearance is handed over here, in this tick, and may turn out a denial. */
export function giveDecision(desk: Desk, caller: Bearer, checked: Checked): JsonObject {
  if (checked.kind === 'refused') return answerRefusal(checked.problem);
  if (checked.kind === 'denied') {
    const { approval, code } = checked.decision;
    const asked =
      approval === undefined || code !== 'APPROVAL_PENDING'
        ? null
        : desk.corridor.request(caller, approval.id);
    return answerDecision(checked.decision, checked.action, asked);
  }
  return answerDecision(desk.corridor.handOver(checked), checked.action.id);
}

/**
 * Many answers as they leave. A stop may have landed since, and turned one of them into the deny that ends the list:
 * what was cleared after that one is withdrawn, and its caller never hears of it.
 */
export function giveDecisions(
  desk: Desk,
  caller: Bearer,
  semantic: Semantic,
  checked: readonly Checked[],
): readonly JsonObject[] {
  const given: JsonObject[] = [];
  for (const [i, one] of checked.entries()) {
    const answer = giveDecision(desk, caller, one);
    given.push(answer);
    if (!isLast(semantic, answer['decision'] === true)) continue;
    withdraw(desk, checked.slice(i + 1));
    break;
  }
  return given;
}

/** Withdraws what was cleared, because nobody is there to hear it. */
export function withdraw({ corridor }: Desk, checked: readonly Checked[]): void {
  for (const one of checked) if (one.kind === 'cleared') corridor.withdraw(one);
}
