import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import type { FirstWordGiven, LevelName } from '../../../../src/contract/control-reads.ts';
import { isUnanswered, Refused } from '../../api/ask.ts';
import { cases, me, overview } from '../../api/queries.ts';
import { signed } from '../../api/sign.ts';
import { Ago } from '../../look/ago.tsx';
import { DoingFault, useActs, useDoing } from '../../look/do.tsx';
import { Icon } from '../../look/icons.tsx';
import { freeze, OtherWays } from '../../look/stop.tsx';

/** What a release answers. `next`: another person has to sign it too. `still`: what goes on holding the scope. */
interface Released {
  readonly next?: string;
  readonly still?: string;
}

/**
 * Stopping is one press and needs no passkey; releasing takes a reason and a passkey. Released is what was stopped by
 * this very scope: what stands still by another stop is released there.
 */
export function Brake({ scope, level }: { readonly scope: string; readonly level: LevelName }) {
  const acts = useActs();
  const queries = useQueryClient();
  const { busy, error: fault, run } = useDoing();
  const halted = useQuery(overview).data?.halted ?? [];
  const [told, setTold] = useState<string>();
  const own = halted.find((one) => one.scope === scope);
  const isOwn = own !== undefined;
  const stands = level === 'frozen' || level === 'killed';
  // Its answer may come by what the page shows.
  const error = isUnanswered(fault) && stands ? null : fault;
  const then = (what: () => Promise<Released>) =>
    run(async () => {
      const { next, still } = await what();
      setTold(next ?? still);
      await queries.invalidateQueries();
    });
  if (!acts) return <p className="soft small">An auditor reads this, and stops and releases nothing.</p>;
  return (
    <div className="stack tight">
      <DoingFault error={error} />
      {error instanceof Refused && error.status === 0 ? (
        <OtherWays scope={scope} unsure={isUnanswered(error)} />
      ) : null}
      {told === undefined ? null : <p className="note">{told}</p>}
      {isOwn ? <Why scope={scope} /> : null}
      {own?.first === undefined ? null : <FirstWord first={own.first} />}
      {isOwn ? (
        <Release
          busy={busy}
          onRelease={(why) => then(() => signed<Released>('/v1/release', { scope, why }))}
        />
      ) : level === 'live' ? null : (
        <p className="small">
          It is {level} by another stop, its configuration or its lease; what is stopped stands under{' '}
          <Link to="/">Now</Link> and <Link to="/agents">Agents</Link>.
        </p>
      )}
      {stands ? null : (
        <p className="row">
          <button
            type="button"
            className="grave"
            disabled={busy}
            onClick={() =>
              then(async () => {
                await freeze(scope);
                return {};
              })
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

/** What was killed takes two people: whoever comes second is told that she is. */
function FirstWord({ first }: { readonly first: FirstWordGiven }) {
  const isHers = useQuery(me).data?.person === first.person;
  return (
    <p className="note wait">
      {isHers ? 'You' : first.person} gave the first of two words to release it, <Ago at={first.at} />.{' '}
      {isHers
        ? 'Another person gives the second; you yourself only where nobody else can, ten minutes after.'
        : 'Yours is the second: what it stopped can run again once you sign.'}
    </p>
  );
}

/** Shows why the scope was stopped, before anybody releases it. */
function Why({ scope }: { readonly scope: string }) {
  const { data = [] } = useQuery(cases);
  const open = data.find((one) => one.closed === null && one.scope === scope);
  return open === undefined ? null : (
    <p>
      <Link to="/cases/$id" params={{ id: open.case }}>
        Why it was stopped, and what was done before
      </Link>
    </p>
  );
}

function Release({ busy, onRelease }: { readonly busy: boolean; onRelease(why: string): void }) {
  const [why, setWhy] = useState('');
  const field = useId();
  return (
    <>
      <div className="field">
        <label htmlFor={field}>Why it may run again</label>
        <input id={field} value={why} maxLength={2000} onChange={(event) => setWhy(event.target.value)} />
      </div>
      <p>
        <button type="button" disabled={busy || why.trim() === ''} onClick={() => onRelease(why)}>
          <Icon name="key" /> Release
        </button>
      </p>
    </>
  );
}
