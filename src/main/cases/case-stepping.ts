import { LIMITS } from '../../base/limits.ts';
import type { OpenCase } from '../../containment/cases.ts';
import { isScope, type Levels, type Scope } from '../../containment/levels.ts';
import type { Level } from '../../model/level.ts';
import { stopNow } from '../../pipeline/stop/stop.ts';
import { type AlertSubject, STOP_ALERTS } from '../../watch/notify/alerts.ts';
import { type Matter, stoppedScopeOf } from '../../watch/notify/matter.ts';
import type { Timing } from '../../watch/notify/plan.ts';
import type { House } from '../house.ts';
import type { Notifying } from '../watching/notifying.ts';

/** What is known of cases and of the pages about them, at one time. */
export interface Paged {
  readonly matters: Iterable<Pick<Matter, 'id' | 'subject' | 'page' | 'agent' | 'scope' | 'openedMs'>>;
  readonly cases: readonly OpenCase[];
  readonly levels: Levels;
  /** What holds for an agent now, whatever set it; undefined: there is none of that name. */
  levelOf(agent: string): Level | undefined;
  readonly timing: Timing;
  /** Nobody was told before this. */
  readonly startedMs: number;
  readonly nowMs: number;
}

/** What goes one level down. `about`: of the case, or the alert, that nobody looked at. */
interface Step {
  readonly scope: Scope;
  readonly level: 'watched' | 'frozen';
  readonly about: { readonly case: string } | { readonly alert: string };
}

/**
 * What a page is about that has gone to everybody whom it can go to, once more after that, and which nobody has acknowledged:
 * it goes one level down. What tripped or was stopped, and may still act, is frozen (who has released it since has seen it); an agent whose stop
 * nobody knows to hold, for its drill failed or could not be done, is watched. Never further than that.
 */
export function unacknowledged({ matters, cases, levels, levelOf, timing, startedMs, nowMs }: Paged): Step[] {
  const due: Step[] = [];
  for (const matter of matters) {
    const { id, subject, page, agent, openedMs } = matter;
    const scope = stoppedScopeOf(matter);
    if (!page || scope === undefined || !isScope(scope)) continue;
    const from = Math.max(openedMs, startedMs);
    if (nowMs < from + Math.max(timing.backupAfterMs, timing.roleAfterMs) + timing.pageEveryMs) continue;
    const one = cases.find((open) => open.scope === scope);
    if (STOPPED.has(subject ?? '') && one !== undefined && levels.get(scope) === 'watched')
      due.push({ scope, level: 'frozen', about: { case: one.id } });
    else if (DRILLED.has(subject ?? '') && agent !== undefined && levelOf(agent) === 'live')
      due.push({ scope, level: 'watched', about: { alert: id } });
  }
  return due;
}

const STOPPED: ReadonlySet<string> = new Set<AlertSubject>(STOP_ALERTS);
const DRILLED: ReadonlySet<string> = new Set<AlertSubject>(['drill-failed', 'drill-overdue']);

/** Looks at it from now on. Answers how to end. */
export function openStepping(house: House, { notifier }: Pick<Notifying, 'notifier'>): () => void {
  const { cases, clock, halt, standing } = house;
  const startedMs = clock.now();
  const levelOf = (id: string) => {
    const agent = standing.inForce.agents.get(id);
    return agent === undefined ? undefined : halt.levelOf(agent);
  };
  const turn = () => {
    const found = unacknowledged({
      matters: notifier.matters.open.values(),
      cases: cases.all(),
      levels: halt.levels,
      levelOf,
      timing: house.resolved().notify,
      startedMs,
      nowMs: clock.now(),
    });
    for (const { scope, level, about } of found) {
      house.log(`nobody acknowledged the page about ${scope}, so it is ${level}`);
      const cause = { by: 'case', why: 'Nobody acknowledged the page.', more: about };
      void stopNow(house, scope, level, cause).recorded;
    }
  };
  const timer = setInterval(turn, LIMITS.caseTurnMs);
  timer.unref();
  return () => clearInterval(timer);
}
