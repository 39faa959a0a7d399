import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/base/duration.ts';
import { useNow } from './clock.ts';

const STEPS: readonly [ms: number, unit: string][] = [
  [DAY_MS, 'd'],
  [HOUR_MS, 'h'],
  [MINUTE_MS, 'min'],
];

/** `3 min`, `2 h`: how long, in the largest unit that fits. */
function spanOf(ms: number): string {
  for (const [size, unit] of STEPS) if (ms >= size) return `${Math.floor(ms / size)} ${unit}`;
  return `${Math.max(0, Math.floor(ms / 1000))} s`;
}

/** When something was, as an age; the instant itself shows on hover. */
export function Ago({ at }: { readonly at: string }) {
  const age = useNow() - Date.parse(at);
  return (
    <time dateTime={at} title={at} className="nowrap">
      {age < 5000 ? 'just now' : `${spanOf(age)} ago`}
    </time>
  );
}

/** When something ends. Under two minutes it says so in the colour of what waits. */
export function Until({ at }: { readonly at: string }) {
  const left = Date.parse(at) - useNow();
  return (
    <time dateTime={at} title={at} className={left < 120_000 ? 'nowrap badge stop' : 'nowrap'}>
      {left <= 0 ? 'ran out' : `${spanOf(left)} left`}
    </time>
  );
}
