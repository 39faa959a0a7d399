import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ApprovalView, LessView } from '../../../../src/contract/approval.ts';
import { ask } from '../../api/ask.ts';
import { signed } from '../../api/sign.ts';
import { Ago } from '../../look/ago.tsx';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Icon } from '../../look/icons.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { ScrollingText } from '../../look/scroller.tsx';

/** The rule that would not ask about this again, and what it would have let pass: applied by an admin, or not. */
export function LessOffer({
  view,
  onTaken,
}: {
  readonly view: ApprovalView;
  onTaken(rules: LessView['rules']): void;
}) {
  const [isOpen, open] = useState(false);
  const path = `/v1/approvals/${encodeURIComponent(view.approval)}/less` as const;
  const less = useQuery({
    queryKey: ['less', view.approval],
    queryFn: () => ask<LessView>(path),
    enabled: isOpen,
  });
  return (
    <details className="card" onToggle={(event) => open(event.currentTarget.open)}>
      <summary>Ask less like this</summary>
      <div className="body stack">
        {isOpen ? (
          <Loaded query={less}>
            {(found) => <Less less={found} path={path} onTaken={() => onTaken(found.rules)} />}
          </Loaded>
        ) : null}
      </div>
    </details>
  );
}

/** The rules are in force. What was open under the old ones is asked anew, this question included. */
export function Taken({ rules }: Pick<LessView, 'rules'>) {
  return (
    <div className="card">
      <div className="body stack">
        <p className="note" role="status">
          It is in force: this is asked about no more. Put it into your files as well: until then every apply
          says that it would ask again.
        </p>
        <Rules rules={rules} />
        <p>
          What waits for you is in the <Link to="/inbox">inbox</Link>.
        </p>
      </div>
    </div>
  );
}

function Rules({ rules }: Pick<LessView, 'rules'>) {
  return rules.map(({ rule, file, line, text }) => (
    <div key={rule} className="stack tight">
      <p className="soft small">
        {rule} ({file}:{line})
      </p>
      <ScrollingText>{text}</ScrollingText>
    </div>
  ));
}

function Less({
  less,
  path,
  onTaken,
}: {
  readonly less: LessView;
  readonly path: `/v1/${string}`;
  onTaken(): void;
}) {
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  if (less.refused !== null) return <p className="soft small">{less.refused}</p>;
  const { count, approved, refused, strangers, actions } = less.passed;
  const apply = () =>
    run(async () => {
      await signed(path, { shown: less.shown });
      onTaken();
      await queries.invalidateQueries();
    });
  return (
    <>
      <p className="small">
        Nothing of this is in force. {less.agent} would then run{' '}
        <span className="mono">{less.operation}</span> there with any arguments, and nobody is asked.
      </p>
      <Rules rules={less.rules} />
      <p>
        In the last 30 days it would have let {count}{' '}
        {count === 1 ? 'attempt pass that was' : 'attempts pass that were'} held or denied. People had
        approved {approved} of them and refused {refused}; {strangers} came from sessions that had read what
        strangers wrote.
        {less.stillHeld > 0 ? ` ${less.stillHeld} others would have been held all the same.` : ''}
      </p>
      <ul className="small">
        {actions.slice(0, 20).map(({ action, at, said }) => (
          <li key={action}>
            <Link to="/actions/$id" params={{ id: action }}>
              <Ago at={at} />
            </Link>
            {said === 'no' ? ' refused by a person' : said === 'yes' ? ' approved' : ''}
          </li>
        ))}
      </ul>
      {less.unknown.map(({ why, count: of }) => (
        <p key={why} className="soft small">
          {of} cannot be told: {why}
        </p>
      ))}
      <p className="small">At worst, each time: {less.worst}</p>
      {less.ends === null ? null : <p className="note wait">{less.ends}</p>}
      <DoingFault error={error} />
      <p>
        <button type="button" disabled={busy} onClick={apply}>
          <Icon name="key" /> Apply this rule
        </button>
      </p>
      <p className="soft small">
        An admin signs it. Your files still say what they said: put it there too. Until then every apply says
        first that it would ask again.
      </p>
    </>
  );
}
