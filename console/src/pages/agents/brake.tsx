import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { LevelName } from '../../../../src/contract/control-reads.ts';
import { ask } from '../../api/ask.ts';
import { signed } from '../../api/sign.ts';
import { DoingFault, useActs, useDoing } from '../../look/do.tsx';
import { Icon } from '../../look/icons.tsx';

/** Stopping is one press and needs no passkey; releasing takes a reason and a passkey. */
export function Brake({ scope, level }: { readonly scope: string; readonly level: LevelName }) {
  const acts = useActs();
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  const [why, setWhy] = useState('');
  const field = useId();
  const stopped = level === 'frozen' || level === 'killed';
  const then = (what: () => Promise<unknown>) =>
    run(async () => {
      await what();
      setWhy('');
      await queries.invalidateQueries();
    });
  if (!acts) return <p className="soft small">An auditor reads this, and stops and releases nothing.</p>;
  return (
    <div className="stack tight">
      <DoingFault error={error} />
      {stopped ? (
        <>
          <div className="field">
            <label htmlFor={field}>Why it may run again</label>
            <input id={field} value={why} maxLength={2000} onChange={(event) => setWhy(event.target.value)} />
          </div>
          <p>
            <button
              type="button"
              disabled={busy || why.trim() === ''}
              onClick={() => then(() => signed('/v1/release', { scope, why }))}
            >
              <Icon name="key" /> Release
            </button>
          </p>
        </>
      ) : (
        <p className="row">
          <button
            type="button"
            className="grave"
            disabled={busy}
            onClick={() =>
              then(() => ask('/v1/stop', { scope, level: 'frozen', why: 'stopped in the console' }))
            }
          >
            Freeze now
          </button>
          <span className="soft small grow">Nothing runs from then on until a person releases it.</span>
        </p>
      )}
    </div>
  );
}
