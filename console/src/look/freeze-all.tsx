import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState } from 'react';
import { isUnanswered, Refused } from '../api/ask.ts';
import { overview } from '../api/queries.ts';
import { DoingFault, useActs, useDoing } from './do.tsx';
import { Icon } from './icons.tsx';
import { freeze, OtherWays } from './stop.tsx';

/** The brake for everything, on every page: one press, and one that means it. It needs nothing that the page has yet to load. */
export function FreezeAll() {
  const acts = useActs();
  const opener = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const { data } = useQuery(overview);
  const stands = (data?.halted ?? []).some(
    ({ scope, level }) => scope === 'all' && (level === 'frozen' || level === 'killed'),
  );
  if (!acts) return null;
  const close = () => {
    setOpen(false);
    // The button that had opened it, and would have the focus again, may be gone.
    if (opener.current === null) document.getElementById('content')?.focus();
  };
  return (
    <>
      {stands ? null : (
        <button ref={opener} type="button" className="grave freeze-all" onClick={() => setOpen(true)}>
          <Icon name="stop" size={16} /> Freeze all
        </button>
      )}
      {isOpen ? <Asked stands={stands} onClose={close} /> : null}
    </>
  );
}

/** `stands`: whether everything is frozen by now, whoever did it. */
function Asked({ stands, onClose }: { readonly stands: boolean; onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const queries = useQueryClient();
  const { busy, error: fault, run } = useDoing();
  const [done, setDone] = useState(false);
  const name = useId();
  const isFrozen = stands || done;
  // Its answer may come by what the page shows.
  const error = isUnanswered(fault) && isFrozen ? null : fault;
  const stop = () =>
    run(async () => {
      await freeze('all');
      setDone(true);
      await queries.invalidateQueries();
    });
  const close = () => dialog.current?.close();
  return (
    <dialog
      ref={dialog}
      aria-labelledby={name}
      className="card"
      onCancel={(event) => {
        if (busy) event.preventDefault();
      }}
      onClose={onClose}
    >
      <div className="body stack">
        <h2 id={name}>{isFrozen ? 'Everything is frozen' : 'Freeze everything?'}</h2>
        <DoingFault error={error} />
        {error instanceof Refused && error.status === 0 ? (
          <OtherWays scope="all" unsure={isUnanswered(error)} />
        ) : null}
        {isFrozen ? (
          <p role="status">
            Nothing runs until a person releases it, under{' '}
            <Link to="/agents" onClick={close}>
              Agents
            </Link>
            .
          </p>
        ) : (
          <p>
            What runs is cut, and no agent does anything from then on, until a person releases it with a
            reason and a passkey.
          </p>
        )}
        <div className="row wrap">
          {isFrozen ? null : (
            <button type="button" className="grave full" disabled={busy} onClick={stop}>
              Freeze everything
            </button>
          )}
          <button type="button" disabled={busy} onClick={close}>
            {isFrozen ? 'Close' : 'Not now'}
          </button>
        </div>
      </div>
    </dialog>
  );
}
