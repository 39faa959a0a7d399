import { type Problem, problem } from '../../base/errors.ts';
import { type Json, type JsonObject, setKey } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Action } from '../../model/action.ts';
import { CAN_NOTHING } from '../../model/ask.ts';
import { whyNotNow } from '../action/why-not-now.ts';
import type { Said } from '../ports/answer.ts';
import type { CallControl } from '../ports/call.ts';
import type { Rooms } from '../rooms.ts';
import { type Asked, askDeadline, closeAsk, readSaid, rootsAnswer } from './ask.ts';
import { admitAll, type InputRequired } from './pause.ts';
import type { Pause } from './pauses.ts';

type Ask = NonNullable<CallControl['ask']>;

/** What a client answered to all that was asked for; the asks are not closed yet. */
export interface Heard {
  readonly pause: Pause;
  readonly responses: JsonObject;
}

/**
 * An upstream of 2026-07-28 asks for input first, and its client is one of the older generation: it is asked all at once,
 * while its call waits. Each request is an action of its own, as in `pause`. A Problem: why the call cannot go on. One missing
 * answer is enough for that, because `inputResponses` has no form for it.
 */
export async function askOlder(
  rooms: Rooms,
  action: Action,
  { requests }: InputRequired,
  { control, ask, round }: { readonly control: CallControl; readonly ask: Ask; readonly round: number },
): Promise<Result<Heard, Problem>> {
  const admitted = await admitAll(rooms, action, requests, control.can ?? CAN_NOTHING, round);
  if (!admitted.ok) return admitted;
  const asked = admitted.value;
  const deadline = askDeadline(rooms, action, control.signal);
  const answers = await Promise.all(
    [...asked].map(async ([key, one]) => {
      const answer = await askOne(rooms, one, ask, deadline.signal);
      // One answer is missing, so the others are of no use: their questions end.
      if (!answer.ok) deadline.expire();
      return [key, one, answer] as const;
    }),
  );
  deadline.end();
  const failed = answers.find(([, , answer]) => !answer.ok && answer.error.code === 'ASK_FAILED');
  const why = failed?.[2] ?? answers.find(([, , answer]) => !answer.ok)?.[2];
  if (why?.ok === false) {
    for (const [, one, answer] of answers) await closeAsk(rooms, one, answer);
    const { upstream } = action;
    return control.signal.aborted ? err(problem('CANCELLED', { upstream })) : why;
  }
  const responses: Record<string, Json> = {};
  for (const [key, , answer] of answers) if (answer.ok) setKey(responses, key, answer.value);
  return ok({ pause: { action, asked, round }, responses });
}

/** The switch is looked at in the tick in which the client is asked; a stop from then on ends the asking. */
async function askOne(
  rooms: Rooms,
  { ask: { method, params }, action, inForce }: Asked,
  ask: Ask,
  signal: AbortSignal,
): Promise<Result<JsonObject, Problem>> {
  const isStopped = () => whyNotNow(rooms, action.agent, action) !== null;
  let said: Said = { kind: 'gone' };
  if (!isStopped()) {
    if (method === 'roots/list')
      return ok(rootsAnswer(inForce.upstreams.get(action.upstream)?.place.roots ?? []));
    said = await ask({ method, params }, signal);
  }
  return readSaid(method, said, isStopped());
}
