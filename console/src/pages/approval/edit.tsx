import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { ApprovalView } from '../../../../src/contract/approval.ts';
import { signed } from '../../api/sign.ts';
import { DoingFault, useDoing } from '../../look/do.tsx';

/** Other arguments for what waits. They are decided anew, shown as a difference, and then to be approved like any other. */
export function Edit({ view }: { readonly view: ApprovalView }) {
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  const field = useId();
  const before = view.editable ?? '';
  const [text, setText] = useState(before);
  const change = () =>
    run(async () => {
      await signed(`/v1/approvals/${encodeURIComponent(view.approval)}/edit`, {
        digest: view.digest,
        arguments: readArguments(text),
      });
      await queries.invalidateQueries();
    });
  return (
    <details className="card">
      <summary>Change the arguments</summary>
      {view.editable === null ? (
        <p className="body soft small">
          {view.door === 'check'
            ? 'Whoever asked does this itself, elsewhere: what is changed here would not reach it. Deny it, and say what to ask for instead.'
            : 'They were not kept whole, so they cannot be changed here. Deny, and let the agent ask anew.'}
        </p>
      ) : (
        <div className="body stack">
          <DoingFault error={error} />
          <div className="field">
            <label htmlFor={field}>Arguments, as JSON; what cannot be seen stands as \u…</label>
            <textarea
              id={field}
              rows={8}
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </div>
          <p className="row">
            <button type="button" disabled={busy || text === before} onClick={change}>
              Use these instead
            </button>
            <span className="soft small grow">
              Nothing runs by it: what it becomes is approved or denied then.
            </span>
          </p>
        </div>
      )}
    </details>
  );
}

function readArguments(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('This is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('Arguments are one JSON object: { … }.');
  return value;
}
