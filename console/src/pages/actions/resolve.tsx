import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import { DoingFault, useActs, useDoing } from '../../look/do.tsx';
import { Card } from '../../look/page.tsx';

/** Nobody recorded how it ended. Its owner has looked, and says so; the log keeps both. */
export function Resolve({ id }: { readonly id: string }) {
  const [why, setWhy] = useState('');
  const [said, setSaid] = useState(false);
  const queries = useQueryClient();
  const acts = useActs();
  const { busy, error, run } = useDoing();
  const say = (ended: 'done' | 'not-done') =>
    run(async () => {
      await ask(`/v1/actions/${encodeURIComponent(id)}/resolve`, { ended, why: why.trim() });
      setSaid(true);
      await queries.invalidateQueries({ queryKey: ['duties'] });
    });
  return (
    <Card title="How did it end?">
      <div className="body stack">
        <p>
          Nobody knows whether this was done. Look at what it was done to, then say it here; it stays in the
          log beside the unknown end.
        </p>
        <DoingFault error={error} />
        {!acts ? null : said ? (
          <p className="note" role="status">
            It is noted.
          </p>
        ) : (
          <>
            <label className="stack tight">
              <span>What you saw (if you like)</span>
              <textarea
                rows={2}
                maxLength={2000}
                value={why}
                onChange={(event) => setWhy(event.target.value)}
              />
            </label>
            <div className="row wrap">
              <button type="button" disabled={busy} onClick={() => say('done')}>
                It was done
              </button>
              <button type="button" disabled={busy} onClick={() => say('not-done')}>
                It was not done
              </button>
            </div>
          </>
        )}
      </div>
    </Card>
  );
}
