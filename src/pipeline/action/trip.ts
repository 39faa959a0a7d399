import type { Action } from '../../model/action.ts';
import type { Decision } from '../../model/decision.ts';
import { type Level, strictest } from '../../model/level.ts';
import type { Draft } from '../recording/draft.ts';
import type { Rooms } from '../rooms.ts';
import { countsOf, isProven } from '../stop/stop.ts';
import { pastFields } from './past.ts';

/**
 * A breaker denied: its agent is set to the level that it names, in this very tick, and that is recorded then. It is this
 * agent that trips and nothing else: never everything. A breaker that itself errs trips nobody; one that held trips,
 * whatever errs beside it. While the agent is at that level already, further denials by breakers are denials and no more.
 */
export function carryOutTrip(
  rooms: Pick<Rooms, 'halt' | 'recorder' | 'report'>,
  action: Action,
  decision: Decision,
): void {
  const level = strictest(...decision.trips);
  if (level === 'live') return;
  const scope = `agent:${action.agent}` as const;
  const was = rooms.halt.levels.get(scope) ?? 'live';
  if (strictest(was, level) === was) return;
  const { things } = rooms.halt.tighten(scope, level, isProven('trip'));
  const { rules, reason } = decision.tripped ?? decision;
  rooms.report(`agent ${action.agent} is ${level}: ${rules.join(', ')} tripped. ${reason}`);
  const draft = trippedDraft(action, decision, level, was, countsOf(things));
  // What cannot be recorded now is owed: the stop stands in any case.
  rooms.recorder.record(draft).catch(() => rooms.recorder.owe(draft));
}

function trippedDraft(
  action: Action,
  decision: Decision,
  level: Level,
  was: Level,
  counts: Readonly<Record<string, number>>,
): Draft {
  const [target] = action.namedTargets;
  return {
    fields: {
      kind: 'containment.tripped',
      by: 'trip',
      scope: `agent:${action.agent}`,
      level,
      was,
      agent: action.agent,
      owner: action.owner,
      session: action.session,
      action: action.id,
      operation: action.operation,
      ...(target === undefined ? {} : { target: { type: target.type, id: target.id } }),
      rules: (decision.tripped ?? decision).rules,
      why: (decision.tripped ?? decision).reason,
      ...(Object.keys(counts).length === 0 ? {} : { cut: { counts } }),
      ...(decision.past === undefined ? {} : { past: pastFields(decision.past) }),
    },
    cells: [{ kind: 'level', key: `agent:${action.agent}`, value: level }],
  };
}
