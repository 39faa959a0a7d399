import type { Problem } from '../../../base/errors.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Generation } from '../../../pipeline/ports/call.ts';
import type { UpstreamLimits } from './config.ts';
import type { Session } from './session.ts';
import { tooLate } from './silence.ts';

type OpenSession = (generation: Generation, signal: AbortSignal) => Promise<Result<Session, Problem>>;
export type Found = ReadonlyMap<Generation, Session>;

/**
 * Which generations an upstream speaks: both are asked at once, each over its own channel, because a server may take
 * the first message for the choice of one, or die or fall silent on a method it does not know. Once one has answered,
 * the other has `probeMs` more: both started together, so that a slow start is no silence.
 */
export async function findBoth(open: OpenSession, limits: UpstreamLimits): Promise<Result<Found, Problem>> {
  const found = new Map<Generation, Session>();
  let silence: Problem | null = null;
  const patience = new AbortController();
  const timers = [setTimeout(() => patience.abort(tooLate()), limits.connectMs)];
  const ask = async (generation: Generation) => {
    const session = await open(generation, patience.signal);
    if (session.ok) {
      found.set(generation, session.value);
      timers.push(setTimeout(() => patience.abort(), limits.probeMs));
    } else if (generation === '2025' || silence === null) {
      silence = session.error;
    }
  };
  await Promise.all([ask('2026'), ask('2025')]);
  for (const timer of timers) clearTimeout(timer);
  return finish(found, silence);
}

/** One channel only, for an upstream that is to have a single process: the newer generation if it speaks it. */
export async function findOne(open: OpenSession, limits: UpstreamLimits): Promise<Result<Found, Problem>> {
  const modern = await open('2026', AbortSignal.timeout(limits.probeMs));
  if (modern.ok) return ok(new Map([['2026', modern.value]]));
  const legacy = await open('2025', AbortSignal.timeout(limits.connectMs));
  return legacy.ok ? ok(new Map([['2025', legacy.value]])) : legacy;
}

function finish(found: Map<Generation, Session>, silence: Problem | null): Result<Found, Problem> {
  if (found.size > 0) return ok(new Map([...found].sort(([a], [b]) => (a < b ? 1 : -1))));
  if (silence === null) throw new Error('nothing was found, and nothing was said about it');
  return err(silence);
}
