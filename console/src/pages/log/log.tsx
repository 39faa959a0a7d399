import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { LogView } from '../../../../src/contract/control-reads.ts';
import { log, logEntries } from '../../api/queries.ts';
import { Foreign } from '../../look/foreign.tsx';
import { Fault, Loaded } from '../../look/loaded.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Scroller } from '../../look/scroller.tsx';
import { Verify } from './verify.tsx';

export function Log() {
  return (
    <Page title="Log" about="Everything that was tried, decided and done, in one chain that can only grow.">
      <Loaded query={useQuery(log)}>
        {(view) => (
          <>
            <div className="columns">
              <Verify view={view} />
              <CheckpointCard view={view} />
            </div>
            <Entries />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function CheckpointCard({ view }: { readonly view: LogView }) {
  return (
    <Card
      title="Checkpoint"
      aside={
        <span className="soft small">
          {view.covered} of {view.entries} entries
        </span>
      }
    >
      <div className="body stack">
        {view.checkpoint === null ? (
          <p className="soft">There is none yet.</p>
        ) : (
          <Foreign block text={view.checkpoint} />
        )}
        <dl className="facts">
          <dt>Key</dt>
          <dd className="mono">{view.key}</dd>
          <dt>Fingerprint</dt>
          <dd className="mono">{view.fingerprint}</dd>
        </dl>
        <p className="soft small">
          Keep a checkpoint where this instance cannot write: only that shows a log that was set back or
          rewritten with its own key.
        </p>
      </div>
    </Card>
  );
}

function Entries() {
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(logEntries);
  const entries = data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <Card title="Entries, the newest first">
      {error === null ? null : <Fault error={error} />}
      <Scroller label="Entries">
        <table>
          <thead>
            <tr>
              <th scope="col">Entry</th>
              <th scope="col">Kind</th>
              <th scope="col">Who</th>
              <th scope="col">What</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <tr key={entry.seq}>
                <td className="mono">{entry.seq}</td>
                <td className="nowrap">{entry.kind}</td>
                <td>{entry.agent ?? String(entry['person'] ?? entry['by'] ?? '')}</td>
                <td className="mono">
                  <Foreign
                    text={[
                      entry.operation ?? entry['scope'] ?? entry['subject'] ?? entry['upstream'],
                      entry.decision ?? entry.outcome ?? entry['level'],
                      entry.code,
                    ]
                      .filter(Boolean)
                      .join(' ')}
                  />
                </td>
                <td className="mono nowrap">{entry.at}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      {hasNextPage ? (
        <p className="empty">
          <button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Older entries
          </button>
        </p>
      ) : null}
    </Card>
  );
}
