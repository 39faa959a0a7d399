import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { AgentRow } from '../../../../src/contract/control-reads.ts';
import { me } from '../../api/queries.ts';
import { signed } from '../../api/sign.ts';
import { Ago, Until } from '../../look/ago.tsx';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Icon } from '../../look/icons.tsx';
import { Look } from '../duties/look.tsx';

/** How long it goes on acting by itself. */
export function LeaseText({ row: { lease, ownerless, owner } }: { readonly row: AgentRow }) {
  if (ownerless) return `${owner} cannot answer for it any more, so it stands still.`;
  if (lease === null) return <span className="soft">not known</span>;
  return (
    <>
      <Ago at={lease.since} />.{' '}
      {lease.stage === 'frozen' ? (
        'Nobody looked for too long: nothing of it runs until somebody does.'
      ) : lease.stage === 'watched' ? (
        <>
          Nobody looked in time: all but reads need a person, and nothing runs <Until at={lease.frozenAt} />
        </>
      ) : (
        <>
          It acts by itself: <Until at={lease.until} />
        </>
      )}
    </>
  );
}

/** For whoever answers for the agent, to look at any time. */
export function LookNow({ row: { id, owner, backup, ownerless } }: { readonly row: AgentRow }) {
  const self = useQuery(me).data?.person;
  const [open, setOpen] = useState(false);
  if (ownerless || (self !== owner && self !== backup)) return null;
  if (open) return <Look agent={id} />;
  return (
    <p>
      <button type="button" onClick={() => setOpen(true)}>
        <Icon name="actions" /> Look at what it did
      </button>
    </p>
  );
}

/** For the agent's backup, where its owner does not answer for it any more. */
export function TakeOver({ row: { id, backup, ownerless } }: { readonly row: AgentRow }) {
  const self = useQuery(me).data?.person;
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  if (!ownerless || self === undefined || self !== backup) return null;
  return (
    <div className="stack tight">
      <DoingFault error={error} />
      <p>
        <button
          type="button"
          className="main"
          disabled={busy}
          onClick={() =>
            run(async () => {
              await signed(`/v1/agents/${encodeURIComponent(id)}/take-over`, {});
              await queries.invalidateQueries();
            })
          }
        >
          <Icon name="key" /> Answer for {id} from now on
        </button>
      </p>
    </div>
  );
}
