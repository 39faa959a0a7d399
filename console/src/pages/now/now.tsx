import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ActionRow, Overview } from '../../../../src/contract/control-reads.ts';
import { overview } from '../../api/queries.ts';
import { Ago } from '../../look/ago.tsx';
import { Fate } from '../../look/badges.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Operation, TargetsInLine } from '../../look/operation.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Pulse } from './pulse.tsx';

/** What every agent is doing, live. One glance says whether anything waits, is stopped or wrong. */
export function Now() {
  const query = useQuery(overview);
  return (
    <Page title="Now">
      <Loaded query={query}>
        {(seen) => (
          <>
            <Glance seen={seen} />
            <Troubles seen={seen} />
            <div className="columns">
              <Card title="Agents" aside={<span className="soft small">last 30 minutes</span>}>
                {seen.agents.length === 0 ? (
                  <p className="empty">No agent is configured yet. Agents stand in lanyard.yaml.</p>
                ) : (
                  <ul>
                    {seen.agents.map((agent) => (
                      <li key={agent.id}>
                        <Pulse agent={agent} />
                      </li>
                    ))}
                  </ul>
                )}
              </Card>
              <Card title="As it happens" aside={<Link to="/actions">All actions</Link>}>
                {seen.recent.length === 0 ? (
                  <p className="empty">Nothing has been tried yet.</p>
                ) : (
                  <ul className="feed">
                    {seen.recent.slice(0, 14).map((row) => (
                      <Happened key={row.action} row={row} />
                    ))}
                  </ul>
                )}
              </Card>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Glance({ seen }: { readonly seen: Overview }) {
  const { waiting, halted, troubles } = seen;
  const grave = troubles.filter((one) => one.grave).length;
  return (
    <div className="glance">
      <Link to="/inbox" className={waiting.all > 0 ? 'wait' : ''}>
        <span className="figure">{waiting.all}</span>
        <span className="what">{waiting.all === 1 ? 'waits' : 'wait'}</span>
        <span className="soft small more">
          {waiting.oldestAt === null ? (
            'for nobody'
          ) : (
            <>
              {waiting.mine} for you, the oldest asked <Ago at={waiting.oldestAt} />
            </>
          )}
        </span>
      </Link>
      <Link to="/agents" className={halted.length > 0 ? 'stop' : ''}>
        <span className="figure">{halted.length}</span>
        <span className="what">stopped</span>
        <span className="soft small more cut">
          {halted.length === 0
            ? 'everything may run'
            : halted.map((one) => `${one.scope} ${one.level}`).join(', ')}
        </span>
      </Link>
      <div className={grave > 0 ? 'stop' : ''}>
        <span className="figure">{grave}</span>
        <span className="what">wrong</span>
        <span className="soft small more">
          {troubles.length === grave
            ? grave === 0
              ? 'nothing known to be'
              : 'listed below'
            : `${troubles.length - grave} more to know, below`}
        </span>
      </div>
    </div>
  );
}

function Troubles({ seen }: { readonly seen: Overview }) {
  if (seen.troubles.length === 0) return null;
  const sorted = [...seen.troubles].sort((a, b) => Number(b.grave) - Number(a.grave));
  return (
    <ul className="stack tight" aria-label="What is wrong, and what to know">
      {sorted.map(({ sentence, grave, kind }) => (
        <li key={sentence} className={grave ? 'note stop' : 'note'}>
          {sentence} {kind === 'drill' ? <Link to="/drills">Drills</Link> : null}
        </li>
      ))}
    </ul>
  );
}

function Happened({ row }: { readonly row: ActionRow }) {
  return (
    <li>
      <span className="cut">
        <Link to="/actions/$id" params={{ id: row.action }}>
          <Operation name={row.operation} />
        </Link>
      </span>
      <Fate decision={row.decision} outcome={row.outcome} question={row.question} />
      <span className="row small">
        <span className="cut who">{row.agent}</span> <TargetsInLine targets={row.targets} />
      </span>
      <span className="soft small">
        <Ago at={row.at} />
      </span>
    </li>
  );
}
