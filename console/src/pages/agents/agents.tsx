import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AgentRow } from '../../../../src/contract/control-reads.ts';
import { agents, overview } from '../../api/queries.ts';
import { Ago } from '../../look/ago.tsx';
import { Badge, Level } from '../../look/badges.tsx';
import { Foreign } from '../../look/foreign.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Brake } from './brake.tsx';
import './agents.css';

export function Agents() {
  return (
    <Page title="Agents" about="Who may act here, for whom, and how far.">
      <Everything />
      <Others />
      <Loaded query={useQuery(agents)}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="card empty">No agent is configured yet. Agents stand in lanyard.yaml.</p>
          ) : (
            <ul className="agents">
              {rows.map((row) => (
                <li key={row.id}>
                  <AgentCard row={row} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}

/** What was stopped and is neither everything nor one agent: an upstream, an operation, a target, a session, an owner's. */
function Others() {
  const { data } = useQuery(overview);
  const others = (data?.halted ?? []).filter(({ scope }) => scope !== 'all' && !scope.startsWith('agent:'));
  return others.map(({ scope, level }) => (
    <Card key={scope} title={`Stopped: ${scope.split(':')[0] ?? ''}`} aside={<Level level={level} />}>
      <div className="body stack tight">
        <p className="mono">
          <Foreign text={scope} />
        </p>
        <Brake scope={scope} level={level} />
      </div>
    </Card>
  ));
}

/** The brake for all of them at once. */
function Everything() {
  const { data } = useQuery(overview);
  if (data === undefined) return null;
  const level = data.halted.find(({ scope }) => scope === 'all')?.level ?? 'live';
  return (
    <Card title="Everything" aside={<Level level={level} />}>
      <div className="body stack tight">
        <Brake scope="all" level={level} />
        <p className="small">
          <Link to="/drills">Drills</Link>{' '}
          <span className="soft">show whether a stop holds, and how long it takes.</span>
        </p>
      </div>
    </Card>
  );
}

function AgentCard({ row }: { readonly row: AgentRow }) {
  return (
    <Link to="/agents/$id" params={{ id: row.id }} className={`card agent ${row.level}`}>
      <span className="row wrap">
        <strong className="grow">{row.id}</strong>
        <Level level={row.level} />
      </span>
      <span>{row.purpose}</span>
      <span className="soft small">
        answers to {row.owner}
        {row.backup === null ? ', no backup' : `, then ${row.backup}`}
      </span>
      <span className="row wrap">
        <Contained contained={row.contained} />
        {row.waiting > 0 ? <Badge tone="wait">{row.waiting} waiting</Badge> : null}
        {row.inFlight > 0 ? <Badge tone="accent">{row.inFlight} running</Badge> : null}
        <span className="soft small">
          last action {row.lastAt === null ? 'never' : <Ago at={row.lastAt} />}
        </span>
      </span>
    </Link>
  );
}

export function Contained({ contained }: { readonly contained: boolean }) {
  return contained ? <Badge tone="fine">contained</Badge> : <Badge tone="odd">uncontained</Badge>;
}
