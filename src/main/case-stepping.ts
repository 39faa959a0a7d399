import { LIMITS } from '../base/limits.ts';
import type { OpenCase } from '../containment/cases.ts';
import type { Levels, Scope } from '../containment/levels.ts';
import { stopNow } from '../pipeline/stop.ts';
import type { Matter } from '../watch/notify/matter.ts';
import type { Timing } from '../watch/notify/plan.ts';
import type { House } from './house.ts';
import type { Notifying } from './notifying.ts';

/** What is known of cases and of the pages about them, at one time. */
export interface Paged {
  readonly matters: Iterable<Pick<Matter, 'subject' | 'page' | 'agent' | 'openedMs'>>;
  readonly cases: readonly OpenCase[];
  readonly levels: Levels;
  readonly timing: Timing;
  /** Nobody was told before this. */
  readonly startedMs: number;
  readonly nowMs: number;
}

/**
 * Agents that tripped, whose page has gone to everybody whom it can go to, once more after that, and which nobody has
 * acknowledged: each is frozen, where it may still act. Who has released it since has seen it. Never further than that.
 */
export function unacknowledged({ matters, cases, levels, timing, startedMs, nowMs }: Paged): OpenCase[] {
  const due: OpenCase[] = [];
  for (const { subject, page, agent, openedMs } of matters) {
    if (subject !== 'tripped' || !page || agent === undefined) continue;
    const from = Math.max(openedMs, startedMs);
    if (nowMs < from + Math.max(timing.backupAfterMs, timing.roleAfterMs) + timing.pageEveryMs) continue;
    const scope: Scope = `agent:${agent}`;
    const one = cases.find((open) => open.scope === scope);
    if (one !== undefined && levels.get(scope) === 'watched') due.push(one);
  }
  return due;
}

/** Looks at it from now on. Answers how to end. */
export function openStepping(house: House, { notifier }: Notifying): () => void {
  const { cases, clock, halt } = house;
  const startedMs = clock.now();
  const turn = () => {
    const found = unacknowledged({
      matters: notifier.matters.open.values(),
      cases: cases.all(),
      levels: halt.levels,
      timing: house.resolved().notify,
      startedMs,
      nowMs: clock.now(),
    });
    for (const { id, scope } of found) {
      house.log(`case ${id}: nobody acknowledged the page, so ${scope} is frozen`);
      const cause = { by: 'case', why: 'Nobody acknowledged the page.', more: { case: id } };
      void stopNow(house, scope as Scope, 'frozen', cause).recorded;
    }
  };
  const timer = setInterval(turn, LIMITS.caseTurnMs);
  timer.unref();
  return () => clearInterval(timer);
}
