import { type FormEvent, useId, useState } from 'react';
import { type Enrolled, enrol } from '../../api/enter.ts';
import { CodeList } from '../../look/code-list.tsx';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Icon, Mark } from '../../look/icons.tsx';
import '../sign-in/sign-in.css';

/** A link brings its code behind the #, which no server and no log ever sees. */
export function Enrol() {
  const [done, setDone] = useState<Enrolled | null>(null);
  return (
    <main className="door">
      <section className="card stack">
        <div>
          <p className="brand">
            <Mark /> Lanyard
          </p>
          <h1>{done === null ? 'Make a passkey' : `You are enrolled, ${done.person}`}</h1>
        </div>
        {done === null ? <Make onDone={setDone} /> : <Codes done={done} />}
      </section>
    </main>
  );
}

function Make({ onDone }: { readonly onDone: (done: Enrolled) => void }) {
  const { busy, error, run } = useDoing();
  const field = useId();
  const invited = decodeURIComponent(location.hash.slice(1));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get('code') ?? '').trim();
    run(async () => {
      const done = await enrol(code);
      history.replaceState({}, '', '/enrol');
      onDone(done);
    });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <p className="soft">
        With the code that your terminal or your invitation shows. It is good once. What you make stays on
        your device; Lanyard keeps only what it takes to recognise it.
      </p>
      {invited === '' ? (
        <p className="soft small">
          Your device is lost? A recovery code does it too: everything is frozen at once, everybody is told,
          and the new passkey is good a day later.
        </p>
      ) : null}
      <div className="field">
        <label htmlFor={field}>Code</label>
        <input
          id={field}
          name="code"
          className="mono"
          required
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          defaultValue={invited}
        />
      </div>
      <DoingFault error={error} />
      <button type="submit" className="main" disabled={busy}>
        <Icon name="key" /> Make a passkey
      </button>
    </form>
  );
}

function Codes({ done }: { readonly done: Enrolled }) {
  const { recoveryCodes: codes, passkey } = done;
  return (
    <div className="stack">
      {codes.length === 0 ? null : (
        <>
          <p className="note wait">
            Write these down now, on paper; they are shown once. If you lose your device, each makes a new
            passkey, good a day later, and stops everything until somebody has looked.
          </p>
          <CodeList codes={codes} />
        </>
      )}
      {passkey.via === 'recovery' ? (
        <p className="note stop">
          Everything is frozen now. This passkey signs in a day from now; until then it takes one that you
          still have, or somebody else.
        </p>
      ) : passkey.via === 'code' ? (
        <p className="soft">
          Where this is the first passkey, everything stands still now: sign in, confirm under Duties what was
          done before, then release it under Agents.
        </p>
      ) : null}
      <a className="button" href="/">
        Sign in
      </a>
    </div>
  );
}
