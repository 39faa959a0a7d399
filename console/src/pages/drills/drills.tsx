import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { MINUTE_MS } from '../../../../src/base/duration.ts';
import type { DrillsView } from '../../../../src/contract/control-reads.ts';
import { ask } from '../../api/ask.ts';
import { drills } from '../../api/queries.ts';
import { Ago, Until } from '../../look/ago.tsx';
import { Badge } from '../../look/badges.tsx';
import { DoingFault, useActs, useDoing } from '../../look/do.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Trend, timeOf } from './trend.tsx';

/** Canaries have half a minute to come alive, and what was stopped is measured then. */
const DRILL_WITHIN_MS = 5 * MINUTE_MS;

type Drilled = DrillsView['agents'][number];

/** Rehearsed stops: what the last ones showed, and which are due. */
export function Drills() {
  return (
    <Page
      title="Drills"
      about="A drill pulls the brake on canaries of an agent and measures how long everything takes to stop. Nothing real is stopped."
    >
      <Loaded query={useQuery(drills)}>
        {({ every, agents }) => (
          <>
            <p className="note">
              {every === null
                ? 'Nothing is drilled by itself: drills: { every: 30d } in lanyard.yaml does that.'
                : `Every agent that does not stand still is drilled every ${every}.`}
            </p>
            {agents.map((one) => (
              <OfAgent key={one.agent} one={one} />
            ))}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function OfAgent({ one }: { readonly one: Drilled }) {
  const { agent, overdue, runs } = one;
  const last = runs.at(-1);
  return (
    <Card title={agent} aside={<Badges one={one} />}>
      <div className="body stack">
        {overdue ? <p className="note stop">A drill was due and could not be done.</p> : null}
        {last === undefined ? (
          <p className="soft">It was never drilled, so nobody knows that a stop holds.</p>
        ) : (
          <>
            <Trend runs={runs} />
            <p className="small">
              {last.things} things looked at <Ago at={last.at} />, at {last.level}; the last stood still after{' '}
              {timeOf(last.ms)}.{' '}
              <span className="soft">
                {last.notTried.length === 0 ? '' : `Not tried: ${last.notTried.join(', ')}. `}
                {one.dueAt === null ? null : (
                  <>
                    The next is due: <Until at={one.dueAt} />
                  </>
                )}
              </span>
            </p>
            {last.broken.length === 0 ? null : (
              <p className="note stop">The stop did not hold: {last.broken.join(', ')}.</p>
            )}
          </>
        )}
        <DrillNow agent={agent} />
      </div>
    </Card>
  );
}

function Badges({ one: { overdue, runs } }: { readonly one: Drilled }) {
  const last = runs.at(-1);
  return (
    <span className="row wrap">
      {overdue ? <Badge tone="stop">overdue</Badge> : null}
      {last === undefined ? (
        <Badge tone="wait">never</Badge>
      ) : (
        <Badge tone={last.held ? 'fine' : 'stop'}>{last.held ? 'held' : 'did not hold'}</Badge>
      )}
    </span>
  );
}

function DrillNow({ agent }: { readonly agent: string }) {
  const queries = useQueryClient();
  const acts = useActs();
  const { busy, error, run } = useDoing();
  const drill = async () => {
    await ask('/v1/drill', { what: `agent:${agent}` }, DRILL_WITHIN_MS);
    await queries.invalidateQueries();
  };
  return (
    <>
      <DoingFault error={error} />
      <p className="row wrap">
        <button type="button" disabled={busy || !acts} onClick={() => run(drill)}>
          {busy ? 'Drilling …' : 'Drill now'}
        </button>
        <Link to="/agents/$id" params={{ id: agent }}>
          The agent
        </Link>
      </p>
    </>
  );
}
