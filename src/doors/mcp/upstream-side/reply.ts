import { ERRORS, type Problem, problem } from '../../../base/errors.ts';
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import { withoutWide } from '../../../base/wide-number.ts';
import { readInputRequired } from '../../../intake/input-required.ts';
import { readUpstreamResult } from '../../../intake/upstream-message.ts';
import { readCreatedTask } from '../../../intake/upstream-task.ts';
import type { Generation } from '../../../pipeline/ports/call.ts';
import type { Reply } from '../../../pipeline/ports/upstream.ts';
import type { Call, Channel } from './channel.ts';

/**
 * A result as a reply. Of one that is none for the method nobody can say what was done, though it shows that the call has
 * arrived: an agent's call is lost then. What asks for input has not been done, as its server says itself.
 */
export function replyOf(
  upstream: string,
  call: Pick<Call, 'method' | 'mayBeTask' | 'admit'>,
  generation: Generation,
  result: JsonObject,
): Reply {
  const { method, mayBeTask } = call;
  if (!PASSED_ON.has(method)) return checkedReply(upstream, call, generation, withoutWide(result));
  const task = mayBeTask === true ? readCreatedTask(result, generation) : null;
  // What it began goes on there, and nobody can look after it.
  if (task !== null) return task.ok ? { kind: 'task', task: task.value } : lostAnswer(upstream, task.error);
  const asked = generation === '2026' ? readInputRequired(method, withoutWide(result)) : null;
  if (asked !== null)
    return asked.ok ? { kind: 'input-required', ...asked.value } : failedAnswer(upstream, asked.error);
  return checkedReply(upstream, call, generation, result);
}

/** Whose results go to agents as they came, wide numbers and all. Of others we read the members: lists, handshakes. */
const PASSED_ON: ReadonlySet<string> = new Set([
  'tools/call',
  'resources/read',
  'prompts/get',
  'tasks/get',
  'tasks/result',
]);

/** To a request of our own (nobody admits it) a wrong answer is an error: nothing was done by it. */
function checkedReply(
  upstream: string,
  { method, admit }: Pick<Call, 'method' | 'admit'>,
  generation: Generation,
  result: JsonObject,
): Reply {
  const read = readUpstreamResult(result, method, generation, upstream);
  if (read.ok) return { kind: 'result', result: read.value };
  return admit === undefined ? failure(read.error) : { kind: 'lost', problem: read.error };
}

/** The upstream answered, and the answer is a failure in words of ours. */
export function failedAnswer(upstream: string, what: string): Reply {
  return failure(problem('UPSTREAM_FAILED', { upstream, what }));
}

function failure({ code, sentence }: Problem): Reply {
  return { kind: 'error', error: { code: ERRORS[code].rpc, message: sentence, data: { code } } };
}

/** Bytes left and no proper answer came. */
export function lostAnswer(upstream: string, what: string): Reply {
  return { kind: 'lost', problem: problem('UPSTREAM_FAILED', { upstream, what }) };
}

export function notSent(upstream: string): Reply {
  return { kind: 'not-sent', problem: problem('UPSTREAM_UNAVAILABLE', { upstream }) };
}

/** Why a channel does not take this call, of which nothing is sent then; null where it does. */
export function notTaken(
  upstream: string,
  { alive, load }: Pick<Channel, 'alive' | 'load'>,
  limit: number,
  { signal }: Pick<Call, 'signal'>,
): Reply | null {
  if (!alive) return notSent(upstream);
  if (load >= limit) return { kind: 'not-sent', problem: problem('UPSTREAM_BUSY', { upstream, limit }) };
  return signal?.aborted ? { kind: 'not-sent', problem: problem('ABORTED', { upstream }) } : null;
}

/**
 * Why there is no result, for requests of our own (handshakes, lists). An upstream's own words are left out: they go to
 * logs, and could repeat a secret that was sent to it.
 */
export function problemOf(upstream: string, reply: Exclude<Reply, { kind: 'result' }>): Problem {
  if (reply.kind === 'input-required')
    return problem('UPSTREAM_FAILED', { upstream, what: 'it asks for input first' });
  if (reply.kind === 'task') return problem('UPSTREAM_FAILED', { upstream, what: 'it answers with a task' });
  if (reply.kind !== 'error') return reply.problem;
  // In our words: the answer was none for the method (readUpstreamMessage lets no code of ours through).
  if (isJsonObject(reply.error.data) && reply.error.data['code'] === 'UPSTREAM_FAILED')
    return { code: 'UPSTREAM_FAILED', sentence: reply.error.message };
  return problem('UPSTREAM_FAILED', { upstream, what: `it answered with error ${reply.error.code}` });
}
