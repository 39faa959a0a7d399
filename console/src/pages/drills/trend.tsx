import type { DrillRun } from '../../../../src/contract/control-reads.ts';
import './drills.css';

const WIDTH = 420;
const HEIGHT = 64;
const STEP = WIDTH / 30;

/** How long the stop took, drill by drill, the newest on the right; one that did not hold fills the height in red. */
export function Trend({ runs }: { readonly runs: readonly DrillRun[] }) {
  const most = Math.max(1, ...runs.map(({ ms }) => ms ?? 0));
  const broken = runs.filter(({ held }) => !held).length;
  const last = runs.at(-1);
  const title = `Time to stop in the last ${runs.length} drills: ${timeOf(last?.ms ?? null)} in the newest, ${timeOf(most)} at most; ${broken === 0 ? 'all held' : `${broken} did not hold`}`;
  return (
    <svg className="trend" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img">
      <title>{title}</title>
      <line className="ground" x1={0} x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      {runs.map(({ drill, held, ms }, at) => {
        const height = held ? Math.max(3, ((ms ?? 0) / most) * (HEIGHT - 4)) : HEIGHT - 4;
        return (
          <rect
            key={drill}
            className={held ? 'held' : 'broken'}
            x={at * STEP + 1}
            y={HEIGHT - height}
            width={STEP - 3}
            height={height}
          />
        );
      })}
    </svg>
  );
}

export const timeOf = (ms: number | null): string =>
  ms === null ? 'not known' : ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
