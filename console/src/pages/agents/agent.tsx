import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { AbilityRow, AgentView } from '../../../../src/contract/control-reads.ts';
import { actions, agent, overview } from '../../api/queries.ts';
import { Ago, Until } from '../../look/ago.tsx';
import { Level, Risk } from '../../look/badges.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Operation } from '../../look/operation.tsx';
import { Card, Page } from '../../look/page.tsx';
import { RowList } from '../actions/row-list.tsx';
import { Contained } from './agents.tsx';
import { Brake } from './brake.tsx';
import { Grants } from './grants.tsx';
import { inWords } from './in-words.ts';
import { LeaseText, LookNow, TakeOver } from './lease.tsx';
import './agents.css';

export function OneAgent() {
  const { id } = useParams({ from: '/inside/agents/$id' });
  const query = useQuery(agent(id));
  return (
    <Page title={id} about={query.data?.agent.purpose}>
      <Loaded query={query}>{(view) => <Everything view={view} />}</Loaded>
      {query.data === undefined && query.failureReason !== null ? <BrakeAlone agent={id} /> : null}
    </Page>
  );
}

/** What cannot be read now is stopped all the same: on a full disk, say. */
function BrakeAlone({ agent }: { readonly agent: string }) {
  const row = useQuery(overview).data?.agents.find(({ id }) => id === agent);
  return row === undefined ? null : <Brake scope={`agent:${agent}`} level={row.level} />;
}

function Everything({ view }: { readonly view: AgentView }) {
  const { id, level } = view.agent;
  // While an agent stands still every operation is denied, so what it never used cannot be told from that.
  const stands = level === 'frozen' || level === 'killed';
  const could = view.abilities.filter(({ rules }) => rules !== 'deny');
  const free = could.filter(({ rules }) => rules === 'allow');
  const held = could.filter(({ rules }) => rules === 'hold');
  const unused = could.filter(({ neverUsed }) => neverUsed);
  const recent = useInfiniteQuery(actions({ agent: id })).data?.pages[0]?.rows.slice(0, 12) ?? [];
  return (
    <>
      <Badge view={view} />
      <Grants agent={id} />
      <div className="columns">
        <div className="stack">
          <Budgets view={view} />
          <Abilities
            title="May do"
            rows={free}
            empty={stands ? `It is ${level}.` : 'Nothing without a person.'}
          />
          <Abilities
            title="May do when a person says yes"
            rows={held}
            empty={stands ? `It is ${level}.` : 'Nothing.'}
          />
        </div>
        <div className="stack">
          <Card
            title="Did lately"
            aside={
              <Link
                to="/actions"
                search={{ agent: id, session: undefined, fate: undefined, text: undefined }}
              >
                All of it
              </Link>
            }
          >
            <RowList rows={recent} empty="It has not tried anything yet." />
          </Card>
          {stands ? null : (
            <Abilities title="May, and never did" rows={unused} empty="It has used all that it may do." />
          )}
        </div>
      </div>
    </>
  );
}

function Badge({ view: { agent: row, tokens, halfOpenUntil } }: { readonly view: AgentView }) {
  return (
    <Card title="Badge" aside={<Level level={row.level} />}>
      <div className="body stack">
        <dl className="facts">
          <dt>Owner</dt>
          <dd>{row.owner}</dd>
          <dt>Backup</dt>
          <dd>{row.backup ?? <span className="soft">nobody</span>}</dd>
          <dt>Contact</dt>
          <dd>{row.contact ?? <span className="soft">none given</span>}</dd>
          <dt>Teams</dt>
          <dd>{row.teams.join(', ') || <span className="soft">none</span>}</dd>
          <dt>Looked at</dt>
          <dd>
            <LeaseText row={row} />
          </dd>
          {halfOpenUntil === null ? null : (
            <>
              <dt>Released</dt>
              <dd>
                Half open: every count that breakers look at stands double; <Until at={halfOpenUntil} />.
              </dd>
            </>
          )}
          <dt>Containment</dt>
          <dd>
            <Contained contained={row.contained} />{' '}
            {row.contained ? '' : 'Its own shell, editor and network are not governed here.'}
          </dd>
          <dt>Tokens</dt>
          <dd>
            {tokens.length === 0 ? <span className="soft">none, so it cannot act</span> : null}
            {tokens.map(({ id, expiresAt }) => (
              <p key={id}>
                <span className="mono">{id}</span>{' '}
                <span className="soft">until {expiresAt.slice(0, 10)}</span>
              </p>
            ))}
          </dd>
        </dl>
        <TakeOver row={row} />
        <Brake scope={`agent:${row.id}`} level={row.level} />
        <LookNow row={row} />
      </div>
    </Card>
  );
}

function Abilities({
  title,
  rows,
  empty,
}: {
  readonly title: string;
  readonly rows: readonly AbilityRow[];
  readonly empty: string;
}) {
  return (
    <Card title={title} aside={<span className="soft small">{rows.length}</span>}>
      {rows.length === 0 ? (
        <p className="empty">{empty}</p>
      ) : (
        <ul className="abilities">
          {rows.map((row) => (
            <li key={row.operation}>
              <span className="cut">
                <Operation name={row.operation} />
              </span>
              <Risk risk={row.risk} />
              <span className="small">{inWords(row)}</span>
              <span className="soft small">
                {row.lastUsed === null ? 'never' : <Ago at={row.lastUsed} />}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Budgets({ view: { budgets } }: { readonly view: AgentView }) {
  if (budgets.length === 0) return null;
  return (
    <Card title="Budgets">
      <ul className="abilities">
        {budgets.map(({ id, says }) => (
          <li key={id}>
            <span>
              <b>{id}</b> {says}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
