import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { BatchLine, BatchView } from '../../../../src/contract/approval.ts';
import { batch } from '../../api/queries.ts';
import { signed } from '../../api/sign.ts';
import { Until } from '../../look/ago.tsx';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Icon } from '../../look/icons.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Operation, Targets } from '../../look/operation.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Shown } from '../../look/shown.tsx';
import { State } from '../inbox/inbox.tsx';
import '../approval/approval.css';

/** Several questions beside each other: what they share once, what differs for each, and one answer. */
export function Batch() {
  const { of = '' } = useSearch({ from: '/inside/batch' });
  const query = useQuery(batch(of));
  return (
    <Page
      title="Several at once"
      about="What they have in common stands first; read what differs before you answer."
    >
      <Loaded query={query}>{(view) => <Beside view={view} />}</Loaded>
    </Page>
  );
}

function Beside({ view }: { readonly view: BatchView }) {
  const [out, setOut] = useState<ReadonlySet<string>>(new Set());
  const waiting = view.rows.filter(({ state }) => state === 'waiting');
  const chosen = waiting.filter(({ approval }) => !out.has(approval));
  const [first] = view.rows;
  const toggle = (approval: string) => {
    const next = new Set(out);
    if (!next.delete(approval)) next.add(approval);
    setOut(next);
  };
  return (
    <>
      <Card title="The same in all">
        <div className="body stack tight">
          {first === undefined ? null : <Operation name={first.operation} />}
          {(first?.why ?? []).map(({ rule, reason }) => (
            <p key={rule}>
              {reason} <span className="soft small">({rule})</span>
            </p>
          ))}
          <Lines lines={view.common} />
        </div>
      </Card>
      <Card title="What differs" aside={<span className="soft small">{view.rows.length}</span>}>
        <ul className="reasons">
          {view.rows.map((row) => (
            <li key={row.approval} className="stack tight">
              <span className="row wrap">
                {row.state === 'waiting' ? (
                  <label className="row">
                    <input
                      type="checkbox"
                      checked={!out.has(row.approval)}
                      onChange={() => toggle(row.approval)}
                    />
                    <span>{row.agent}</span>
                  </label>
                ) : (
                  <span>{row.agent}</span>
                )}
                <span className="anywhere">
                  <Targets targets={row.targets} />
                </span>
                {row.state === 'waiting' ? <Until at={row.expires} /> : <State state={row.state} />}
                <Link to="/approvals/$id" params={{ id: row.approval }}>
                  Whole
                </Link>
              </span>
              {row.redacted ? (
                <p className="note wait">Something in it looks like a secret and is not shown.</p>
              ) : null}
              <Lines lines={row.differs} />
            </li>
          ))}
        </ul>
      </Card>
      <Answer view={view} chosen={chosen} />
    </>
  );
}

function Lines({ lines }: { readonly lines: readonly BatchLine[] }) {
  if (lines.length === 0) return <p className="soft small">No argument.</p>;
  return (
    <dl className="facts">
      {lines.map(({ path, text }) => (
        <div key={path} className="pair">
          <dt>
            <Shown text={path} />
          </dt>
          <dd className="mono">
            <Shown text={text} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Answer({ view, chosen }: { readonly view: BatchView; readonly chosen: BatchView['rows'] }) {
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  if (view.refused !== null) return <p className="note stop">{view.refused}</p>;
  const approve = () =>
    run(async () => {
      const answers = chosen.map(({ approval, digest }) => ({ approval, digest }));
      await signed('/v1/batch/approve', { answers });
      await queries.invalidateQueries();
    });
  return (
    <section className="verdict" aria-label="Your answer">
      <DoingFault error={error} />
      <div className="row">
        <button type="button" className="main" disabled={busy || chosen.length < 2} onClick={approve}>
          <Icon name="key" /> Approve these {chosen.length}
        </button>
      </div>
    </section>
  );
}
