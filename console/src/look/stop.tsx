import { ask, dropReads, toldWithin } from '../api/ask.ts';

/** Whoever stops something waits no longer than this before she is told of the other ways. */
const STOP_WITHIN_MS = 5000;

/** Resolves once it is in effect. */
export async function freeze(scope: string): Promise<void> {
  dropReads();
  await toldWithin(
    STOP_WITHIN_MS,
    ask('/v1/stop', { scope, level: 'frozen', why: 'stopped in the console' }),
  );
}

/** What stops where this page reaches nobody: each goes by another way. `unsure`: it may have arrived all the same. */
export function OtherWays({ scope, unsure }: { readonly scope: string; readonly unsure: boolean }) {
  // A target's name may be an agent's words, and no shell takes every one of them.
  const what = /^agent:[a-z0-9-]+$/.test(scope) ? scope : 'all';
  return (
    <div className="note stop">
      <p>
        {unsure ? 'Do not wait for it; press again, or stop it' : 'Nothing was stopped from here. What stops'}{' '}
        without this page:
      </p>
      <ul>
        <li>your stop link, or a saved stop page, on a phone</li>
        <li>
          on the machine: <span className="mono">./lanyard stop {what}</span>
        </li>
        <li>
          on the machine, everything: <span className="mono">kill -USR2</span> to Lanyard’s process
        </li>
      </ul>
    </div>
  );
}
