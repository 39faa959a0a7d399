import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type KeyboardEvent, lazy, Suspense, useMemo } from 'react';
import type { ApprovalRow } from '../../../../src/contract/approval.ts';
import { approvals, me } from '../../api/queries.ts';
import { Ago, Until } from '../../look/ago.tsx';
import { Badge, Risk } from '../../look/badges.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Operation, Targets } from '../../look/operation.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Alerts } from './alerts.tsx';
import { Alike } from './alike.tsx';
import { Appeals } from './appeals.tsx';
import './inbox.css';

/** From so many on only what is on the screen is in the page; the first view does without what that takes. */
const LONG = 100;
const LongList = lazy(() =>
  import('../../look/long-list.tsx').then(({ LongList }) => ({ default: LongList })),
);

const GRAVITY = ['unclassified', 'external', 'merge', 'comment', 'draft', 'read'];

const riskOf = (row: ApprovalRow): string => row.risk ?? 'unclassified';
const gravityOf = (row: ApprovalRow): number => GRAVITY.indexOf(riskOf(row));

/** The gravest risk first, and of one risk what has waited longest. */
function byRisk(a: ApprovalRow, b: ApprovalRow): number {
  const graver = gravityOf(a) - gravityOf(b);
  return graver !== 0 ? graver : a.asked < b.asked ? -1 : 1;
}

export function Inbox() {
  const query = useQuery(approvals);
  return (
    <Page
      title="Inbox"
      about="What agents may do only if a person says so. The gravest first, then the oldest."
    >
      <Alerts />
      <Appeals />
      <Loaded query={query}>{(rows) => <Sorted rows={rows} />}</Loaded>
    </Page>
  );
}

function Sorted({ rows }: { readonly rows: readonly ApprovalRow[] }) {
  const self = useQuery(me).data?.person ?? '';
  const { mine, others, over } = useMemo(() => {
    const waiting = rows.filter(({ state }) => state === 'waiting').sort(byRisk);
    return {
      mine: waiting.filter(({ people }) => people.includes(self)),
      others: waiting.filter(({ people }) => !people.includes(self)),
      over: rows.filter(({ state }) => state !== 'waiting').sort((a, b) => (a.asked < b.asked ? 1 : -1)),
    };
  }, [rows, self]);
  return (
    <>
      <Alike rows={mine} />
      <List title="For you" rows={mine} empty="Nothing waits for you." />
      {others.length === 0 ? null : <List title="For others" rows={others} empty="" />}
      {over.length === 0 ? null : <List title="Answered or over" rows={over.slice(0, 50)} empty="" />}
    </>
  );
}

/** Arrow keys, or j and k, go from one to the next while one has the focus. */
function step(event: KeyboardEvent<HTMLUListElement>): void {
  const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const next = links[links.indexOf(document.activeElement as HTMLAnchorElement) + by];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

function List({
  title,
  rows,
  empty,
}: {
  readonly title: string;
  readonly rows: readonly ApprovalRow[];
  readonly empty: string;
}) {
  return (
    <Card title={title} aside={<span className="soft small">{rows.length}</span>}>
      {rows.length === 0 ? (
        <p className="empty">{empty}</p>
      ) : rows.length > LONG ? (
        <Suspense fallback={<p className="empty">…</p>}>
          <LongList
            label={title}
            count={rows.length}
            rowHeight={92}
            keyOf={(at) => rows[at]?.approval ?? String(at)}
            onKeyDown={step}
          >
            {(at) => {
              const row = rows[at];
              return row === undefined ? null : <Waiting row={row} />;
            }}
          </LongList>
        </Suspense>
      ) : (
        <ul onKeyDown={step}>
          {rows.map((row) => (
            <li key={row.approval}>
              <Waiting row={row} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Waiting({ row }: { readonly row: ApprovalRow }) {
  return (
    <Link to="/approvals/$id" params={{ id: row.approval }} className={`waiting ${riskOf(row)}`}>
      <span className="stack tight">
        <span className="row wrap">
          <Operation name={row.operation} />
          <Risk risk={riskOf(row)} />
          {row.reversibility === 'irreversible' ? <Badge tone="stop">cannot be taken back</Badge> : null}
        </span>
        <span className="cut">
          <Targets targets={row.targets} />
        </span>
        <span className="soft small">
          {row.agent}, asked <Ago at={row.asked} />
          {row.answers.length > 0 ? `, ${row.answers.length} answered so far` : ''}
        </span>
      </span>
      <span className="end small">
        {row.state === 'waiting' ? <Until at={row.expires} /> : <State state={row.state} />}
      </span>
    </Link>
  );
}

const TONES = { waiting: 'wait', approved: 'fine', denied: 'stop', expired: 'plain' } as const;

export function State({ state }: Pick<ApprovalRow, 'state'>) {
  return <Badge tone={TONES[state]}>{state === 'expired' ? 'over' : state}</Badge>;
}
