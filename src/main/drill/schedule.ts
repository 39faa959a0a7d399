import { durationMs } from '../../base/duration.ts';
import { LIMITS } from '../../base/limits.ts';
import { err } from '../../base/result.ts';
import { entryIn } from '../../contract/log-entry.ts';
import type { Operations } from '../../control/operations.ts';
import { whyNotNow } from '../../pipeline/action/why-not-now.ts';
import type { House } from '../house.ts';

/**
 * Drills as often as `drills.every` of the set in force says, one after the other; what stands still is not drilled, for
 * there is nothing to stop. Answers how to end it.
 */
export async function openDrills(house: House, drill: Operations['drill']): Promise<() => void> {
  const { checkpoints, clock, drills, recorder, store } = house;
  for await (const page of store.find({ kinds: KINDS }))
    for (const { text } of page) drills.see(entryIn(text));
  checkpoints.listenToEntries((entries) => {
    for (const { kind, text } of entries) if (KINDS.includes(kind)) drills.see(entryIn(text));
  });
  const triedMs = new Map<string, number>();
  let [busy, isOver] = [false, false];
  /** One agent's; what kept it from being done is told, unless that was no fault of its stop. */
  const attempt = async (agent: string) => {
    const before = triedMs.get(agent);
    triedMs.set(agent, clock.now());
    const done = await drill(`agent:${agent}`, 'frozen', 'schedule').catch((error: unknown) =>
      err({ code: 'INTERNAL', sentence: String(error) }),
    );
    if (done.ok || isOver) return;
    if (done.error.code === 'DRILLING' || whyNotNow(house.rooms, agent) !== null) {
      // Somebody drills, or the agent was stopped meanwhile: as soon as that is over.
      if (before === undefined) triedMs.delete(agent);
      else triedMs.set(agent, before);
      return;
    }
    house.log(`drill: ${agent} is overdue: ${done.error.sentence}`);
    const fields = { kind: 'drill.overdue', agent, by: 'schedule' } as const;
    if (!drills.overdue.has(agent)) await recorder.record({ fields }).catch(() => recorder.owe({ fields }));
  };
  const turn = async () => {
    const every = house.resolved().set.configuration.drills?.every;
    if (every === undefined || busy) return;
    busy = true;
    for (const agent of house.standing.inForce.agents.keys()) {
      if (!isDue(drills.last.get(agent)?.atMs, triedMs.get(agent), durationMs(every), clock.now())) continue;
      if (whyNotNow(house.rooms, agent) !== null) continue;
      await attempt(agent);
      break;
    }
    busy = false;
  };
  const timer = setInterval(() => void turn(), LIMITS.drillLookMs);
  timer.unref();
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}

const KINDS: readonly string[] = ['drill.done', 'drill.overdue'];

/** `everyMs` after the last one; where it could not be done then, again after a while. */
export function isDue(
  lastMs: number | undefined,
  triedMs: number | undefined,
  everyMs: number,
  nowMs: number,
): boolean {
  if (triedMs !== undefined && Math.abs(nowMs - triedMs) < LIMITS.drillRetryMs) return false;
  // A drill of the future was dated by a clock that was wrong.
  return lastMs === undefined || nowMs - lastMs >= everyMs || lastMs > nowMs + LIMITS.drillRetryMs;
}
