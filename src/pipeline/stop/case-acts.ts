import { toInstant } from '../../base/clock.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { type CaseStop, type Cases, type OpenCase, writeCase } from '../../containment/cases.ts';
import type { About } from '../acts/rights.ts';
import type { OperatorAct } from '../operate.ts';
import type { Draft } from '../recording/draft.ts';
import { keepable } from './stop.ts';

/** What was stopped, by what and why, as the entry of the stop says it; who it was is said there. */
function stopFields({ stop, scope, level }: CaseStop) {
  const { agent, rules, past, action, operation, target } = stop;
  const why = stop['why'];
  return {
    by: 'case',
    scope,
    level,
    stop: stop.seq,
    stoppedBy: stop.by ?? 'unknown',
    ...(agent === undefined ? {} : { agent }),
    ...(rules === undefined ? {} : { rules }),
    ...(typeof why === 'string' ? { why: keepable(why) } : {}),
    ...(action === undefined ? {} : { caused: action }),
    ...(operation === undefined ? {} : { operation }),
    ...(target === undefined ? {} : { target }),
    ...(past === undefined ? {} : { past }),
  };
}

/** A stop opens a case. */
export function opened(
  id: string,
  due: CaseStop,
  nowMs: number,
): { readonly one: OpenCase; readonly draft: Draft } {
  const { scope, level, stop } = due;
  const one = { id, scope, level, openedAt: toInstant(nowMs), stop: stop.seq };
  const fields = { kind: 'case.opened', case: id, ...stopFields(due) } as const;
  return { one, draft: { fields, cells: [cellOf(one)] } };
}

/** A further, or harder, stop of what a case is open about. */
export function joined(into: OpenCase, due: CaseStop): { readonly one: OpenCase; readonly draft: Draft } {
  const one = { ...into, level: due.level };
  const fields = { kind: 'case.joined', case: into.id, ...stopFields(due) } as const;
  return { one, draft: { fields, cells: [cellOf(one)] } };
}

const cellOf = (one: OpenCase) => ({ kind: 'case', key: one.id, value: writeCase(one) });

/** What happened and what changes, in a person's words. */
interface Debrief {
  readonly happened: string;
  readonly changes: string;
}

/**
 * Closes a case with a debrief, which stays in the log. It permits and releases nothing, so a signed-in session is enough. The
 * socket proves no person, so what is asked for there has to be signed by one.
 */
export function closeCase(
  cases: Cases,
  one: OpenCase,
  { happened, changes }: Debrief,
  {
    about,
    signedIn,
    refuse,
  }: { readonly about: About; readonly signedIn: boolean; refuse(): Promise<Problem | null> },
): OperatorAct<void> {
  return {
    name: 'close-case',
    unsigned: signedIn,
    about,
    fields: {
      case: one.id,
      scope: one.scope,
      level: one.level,
      opened: one.openedAt,
      stop: one.stop,
      happened: keepable(happened),
      changes: keepable(changes),
    },
    cells: [{ kind: 'case', key: one.id, value: null }],
    refuse: async () => (cases.find(one.id) === undefined ? problem('CASE_CLOSED') : refuse()),
    apply: () => cases.close(one.id),
  };
}
