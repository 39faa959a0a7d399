import { useQueryClient } from '@tanstack/react-query';
import type { CaseUnknown } from '../../../../src/contract/case.ts';
import { ask } from '../../api/ask.ts';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Operation } from '../../look/operation.tsx';

/**
 * Unknown ends of one operation of one agent, where there are several: one answer is given for all, and recorded for
 * each.
 */
export function Alike({ unknown }: { readonly unknown: readonly CaseUnknown[] }) {
  const alike = new Map<string, CaseUnknown[]>();
  for (const one of unknown) {
    if (!one.holds) continue;
    const key = `${one.agent} ${one.operation}`;
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  return <>{[...alike].map(([key, all]) => (all.length < 2 ? null : <Together key={key} all={all} />))}</>;
}

function Together({ all }: { readonly all: readonly CaseUnknown[] }) {
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  const [{ agent, operation } = { agent: '', operation: '' }] = all;
  const say = (ended: 'done' | 'not-done') =>
    run(async () => {
      await ask('/v1/resolve-alike', { actions: all.map(({ action }) => action), ended });
      await queries.invalidateQueries();
    });
  return (
    <div className="body stack tight">
      <p>
        All {all.length} of <Operation name={operation} /> by {agent}, once you have looked at each:
      </p>
      <DoingFault error={error} />
      <div className="row wrap">
        <button type="button" disabled={busy} onClick={() => say('done')}>
          They were done
        </button>
        <button type="button" disabled={busy} onClick={() => say('not-done')}>
          They were not done
        </button>
      </div>
    </div>
  );
}
