import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type KeyboardEvent, lazy, memo, Suspense } from 'react';
import type { ApprovalRow, QuestionsOf } from '../../../../src/contract/approval.ts';
import { questions } from '../../api/queries.ts';
import { Ago, Until } from '../../look/ago.tsx';
import { Badge, Risk } from '../../look/badges.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Operation, TargetsInLine } from '../../look/operation.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Alerts } from './alerts.tsx';
import { Alike } from './alike.tsx';
import { Appeals } from './appeals.tsx';
import './inbox.css';

/** Where there are more than come at once, only what is on the screen is in the page; the first view does without what that takes. */
const LongInbox = lazy(() => import('./long-inbox.tsx').then(({ LongInbox }) => ({ default: LongInbox })));

const riskOf = (row: ApprovalRow): string => row.risk ?? 'unclassified';

export function Inbox() {
  return (
    <Page
      title="Inbox"
      about="What agents may do only if a person says so. The gravest first, then the oldest."
    >
      <Alerts />
      <Appeals />
      <Questions title="For you" of="mine" empty="Nothing waits for you." />
      <Questions title="For others" of="others" />
      <Questions title="Answered or over" of="over" />
    </Page>
  );
}

/** Those of one kind; without `empty` nothing is shown where there are none. */
function Questions({
  title,
  of,
  empty,
}: {
  readonly title: string;
  readonly of: QuestionsOf;
  readonly empty?: string;
}) {
  const query = useQuery(questions(of));
  return (
    <Loaded query={query}>
      {(first) => (
        <>
          <Alike kinds={first.alike} />
          {first.count === 0 && empty === undefined ? null : (
            <Card title={title} aside={<span className="soft small">{first.count}</span>}>
              {first.count === 0 ? (
                <p className="empty">{empty}</p>
              ) : first.count > first.rows.length ? (
                <Suspense fallback={<p className="empty">…</p>}>
                  <LongInbox label={title} of={of} first={first} />
                </Suspense>
              ) : (
                <ul onKeyDown={step}>
                  {first.rows.map((row) => (
                    <li key={row.approval}>
                      <Waiting row={row} />
                    </li>
                  ))}
                </ul>
              )}
            </Card>
          )}
        </>
      )}
    </Loaded>
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

/** Made again only when its question is another: a list that scrolls asks for all its rows in every frame. */
export const Waiting = memo(function Waiting({ row }: { readonly row: ApprovalRow }) {
  return (
    <Link to="/approvals/$id" params={{ id: row.approval }} className={`waiting ${riskOf(row)}`}>
      <span className="stack tight">
        <span className="row wrap">
          <Operation name={row.operation} />
          <Risk risk={riskOf(row)} />
          {row.reversibility === 'irreversible' ? <Badge tone="stop">cannot be taken back</Badge> : null}
        </span>
        <span className="cut">
          <TargetsInLine targets={row.targets} />
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
});

const TONES = { waiting: 'wait', approved: 'fine', denied: 'stop', expired: 'plain' } as const;

export function State({ state }: Pick<ApprovalRow, 'state'>) {
  return <Badge tone={TONES[state]}>{state === 'expired' ? 'over' : state}</Badge>;
}
