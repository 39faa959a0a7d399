import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId } from 'react';
import { DAY_MS, HOUR_MS } from '../../../../src/base/duration.ts';
import type { ApprovalView } from '../../../../src/contract/approval.ts';
import { signed } from '../../api/sign.ts';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Icon } from '../../look/icons.tsx';

const SPANS = [
  ['1 hour', HOUR_MS],
  ['8 hours', 8 * HOUR_MS],
  ['1 day', DAY_MS],
  ['7 days', 7 * DAY_MS],
] as const;

/** A yes in advance to more of the same: bounded, counted, and taken back by one press on the agent's page. */
export function GrantOffer({ view }: { readonly view: ApprovalView }) {
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  const ids = { times: useId(), span: useId() };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run(async () => {
      await signed(`/v1/approvals/${encodeURIComponent(view.approval)}/grant`, {
        digest: view.digest,
        times: Number(form.get('times')),
        forMs: Number(form.get('span')),
      });
      await queries.invalidateQueries();
    });
  };
  return (
    <details className="card">
      <summary>Allow more like this without asking</summary>
      {view.noGrant !== null ? (
        <p className="body soft small">{view.noGrant}</p>
      ) : (
        <form className="body stack" onSubmit={submit}>
          <p className="small">
            {view.agent} may then run <span className="mono">{view.operation}</span> on exactly{' '}
            {view.targets.length === 1 ? 'this target' : `these ${view.targets.length} targets`}, with any
            arguments, this one included. Each use is counted and logged; whatever a rule asks for anew is
            asked all the same.
          </p>
          <DoingFault error={error} />
          <div className="row wrap">
            <div className="field">
              <label htmlFor={ids.times}>At most so many times</label>
              <input id={ids.times} name="times" type="number" min={1} max={100} defaultValue={5} required />
            </div>
            <div className="field">
              <label htmlFor={ids.span}>For</label>
              <select id={ids.span} name="span">
                {SPANS.map(([name, ms]) => (
                  <option key={ms} value={ms}>
                    {name}
                  </option>
                ))}
              </select>
            </div>
          </div>
          <p>
            <button type="submit" disabled={busy}>
              <Icon name="key" /> Grant
            </button>
          </p>
        </form>
      )}
    </details>
  );
}
