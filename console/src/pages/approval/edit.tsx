import { useQueryClient } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import type { ApprovalView } from '../../../../src/contract/approval.ts';
import { signed } from '../../api/sign.ts';
import { DoingFault, useDoing } from '../../look/do.tsx';

/** What a person has typed and not sent yet, and what stood there when she began. */
export interface Typed {
  readonly digest: string;
  readonly text: string;
}

interface Editing {
  readonly view: ApprovalView;
  /** Kept by whoever shows this: what somebody else changes meanwhile takes this off the page for a while, and not her words with it. */
  readonly typed: Typed | null;
  onType(typed: Typed | null): void;
}

/** Other arguments for what waits. They are decided anew, shown as a difference, and then to be approved like any other. */
export function Edit({ view, typed, onType }: Editing) {
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  const field = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const before = view.editable ?? '';
  const text = typed?.text ?? before;
  const isOlder = typed !== null && typed.digest !== view.digest && text !== before;
  // As it is when it comes back onto the page; from then on she opens and closes it.
  const [isOpen] = useState(isOlder);
  const leave = () => {
    onType(null);
    area.current?.focus();
  };
  const change = () =>
    run(async () => {
      await signed(`/v1/approvals/${encodeURIComponent(view.approval)}/edit`, {
        digest: view.digest,
        arguments: readArguments(text),
      });
      onType(null);
      await queries.invalidateQueries();
    });
  return (
    <details className="card" open={isOpen}>
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
          {isOlder ? <Older by={view.edited?.by ?? 'somebody'} onLeave={leave} /> : null}
          <div className="field">
            <label htmlFor={field}>Arguments, as JSON; what cannot be seen stands as \u…</label>
            <textarea
              id={field}
              ref={area}
              rows={8}
              spellCheck={false}
              value={text}
              onChange={({ target: { value } }) =>
                onType(value === before ? null : { digest: typed?.digest ?? view.digest, text: value })
              }
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

/** What she typed was meant for other arguments than those that stand above by now. */
function Older({ by, onLeave }: { readonly by: string; onLeave(): void }) {
  return (
    <div className="note wait stack tight">
      <p>
        This is what you had typed before {by} changed the arguments. Using it puts yours in the place of what
        stands above.
      </p>
      <p>
        <button type="button" onClick={onLeave}>
          Begin from what stands above
        </button>
      </p>
    </div>
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
