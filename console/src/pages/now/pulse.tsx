import { Link } from '@tanstack/react-router';
import type { AgentRow } from '../../../../src/contract/control-reads.ts';
import { Ago } from '../../look/ago.tsx';
import { Badge, Level } from '../../look/badges.tsx';
import './now.css';

const WIDTH = 132;
const HEIGHT = 26;
const MINUTES = 30;

/** Thirty minutes as thirty bars: done below, held above it, denied on top; the tallest minute fills the height. */
function Minutes({ minutes }: Pick<AgentRow, 'minutes'>) {
  const most = Math.max(4, ...minutes.map(([allowed, held, denied]) => allowed + held + denied));
  const sums = minutes.reduce((sum, [a, h, d]) => [sum[0] + a, sum[1] + h, sum[2] + d] as const, [
    0, 0, 0,
  ] as const);
  const step = WIDTH / MINUTES;
  const quiet = Array.from({ length: MINUTES - minutes.length }, () => [0, 0, 0] as const);
  const heightOf = (n: number) => (n / most) * (HEIGHT - 1);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img">
      <title>{`In the last ${MINUTES} minutes: ${sums[0]} allowed, ${sums[1]} held, ${sums[2]} denied`}</title>
      {[...quiet, ...minutes].map(([allowed, held, denied], at) => {
        const bars: [string, number][] = [
          ['bar-allow', heightOf(allowed)],
          ['bar-hold', heightOf(held)],
          ['bar-deny', heightOf(denied)],
        ];
        let top = HEIGHT;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a minute has no other name than its place
          <g key={at}>
            <rect className="bar-none" x={at * step} y={HEIGHT - 1} width={step - 1} height={1} />
            {bars.map(([name, height]) => {
              top -= height;
              return height === 0 ? null : (
                <rect key={name} className={name} x={at * step} y={top} width={step - 1} height={height} />
              );
            })}
          </g>
        );
      })}
    </svg>
  );
}

/** One agent at a glance. */
export function Pulse({ agent }: { readonly agent: AgentRow }) {
  return (
    <Link to="/agents/$id" params={{ id: agent.id }} className="pulse">
      <span className="stack tight">
        <span className="row wrap">
          <strong>{agent.id}</strong>
          {agent.level === 'live' ? null : <Level level={agent.level} />}
          {agent.waiting > 0 ? <Badge tone="wait">{agent.waiting} waiting</Badge> : null}
          {agent.inFlight > 0 ? <Badge tone="accent">{agent.inFlight} running</Badge> : null}
        </span>
        <span className="soft small cut">{agent.purpose}</span>
      </span>
      <span className="soft small">{agent.lastAt === null ? 'never' : <Ago at={agent.lastAt} />}</span>
      <Minutes minutes={agent.minutes} />
    </Link>
  );
}
