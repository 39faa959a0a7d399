import { useQuery } from '@tanstack/react-query';
import { instance, signIn } from '../../api/enter.ts';
import { useLost } from '../../api/session.ts';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Icon, Mark } from '../../look/icons.tsx';
import { OtherWays } from '../../look/stop.tsx';
import './sign-in.css';

export function SignIn() {
  const { data } = useQuery({ queryKey: ['instance'], queryFn: instance });
  const { busy, error, run } = useDoing();
  const unclaimed = data?.claimed === false;
  return (
    <main className="door">
      <section className="card stack">
        <div>
          <p className="brand">
            <Mark /> Lanyard
          </p>
          <h1>{unclaimed ? 'Nobody has claimed this instance' : 'Sign in'}</h1>
        </div>
        {unclaimed ? (
          <Unclaimed />
        ) : (
          <p className="soft">With the passkey that you enrolled here. There are no passwords.</p>
        )}
        <Lost />
        <DoingFault error={error} />
        {unclaimed ? null : (
          <button type="button" className="main" disabled={busy} onClick={() => run(signIn)}>
            <Icon name="key" /> Sign in with a passkey
          </button>
        )}
        <p className="soft small">
          {unclaimed
            ? 'You have the code? '
            : 'No passkey here, or your device is lost? An invitation or a recovery code makes one: '}
          <a href="/enrol">{unclaimed ? 'Type it here' : 'type it here'}</a>
        </p>
      </section>
    </main>
  );
}

/** Why she is here, and what did not happen: whoever has just pressed something would else take it for done. */
function Lost() {
  const undone = useLost();
  if (undone === null) return null;
  return (
    <>
      <p className={undone === 'show' ? 'note' : 'note stop'} role="alert">
        Your session is over: it ran out, somebody ended it, or Lanyard was started anew.
        {undone === 'show' ? '' : ' What you pressed last was not done.'}
      </p>
      {undone === 'stop' ? <OtherWays scope="all" unsure={false} /> : null}
    </>
  );
}

function Unclaimed() {
  return (
    <div className="stack">
      <p className="note stop">
        Until somebody does, any program of the same user can do what a person could. Claim it before an agent
        runs.
      </p>
      <p>
        In a terminal on the machine where it runs: <code>./lanyard enrol</code>. It shows a code that is good
        once, for ten minutes, and where to type it.
      </p>
    </div>
  );
}
