import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ask } from '../../api/ask.ts';
import { duties, me } from '../../api/queries.ts';
import { DoingFault, useDoing } from '../../look/do.tsx';

/** Its owner said how often she looks (`cadence`), and it is time. */
export function Looked({ agent }: { readonly agent: string }) {
  const queries = useQueryClient();
  const self = useQuery(me).data?.person;
  const { busy, error, run } = useDoing();
  const due = (useQuery(duties).data?.duties ?? []).find(
    (one) => one.kind === 'review' && one.agent === agent,
  );
  if (due === undefined) return null;
  const looked = () =>
    run(async () => {
      await ask(`/v1/agents/${encodeURIComponent(agent)}/review`, {});
      await queries.invalidateQueries({ queryKey: ['duties'] });
    });
  return (
    <div className="note wait stack tight">
      <p>
        {due.sentence}
        {due.person === self ? '.' : `: ${due.person} owes it.`}
      </p>
      <DoingFault error={error} />
      <p>
        <button type="button" disabled={busy} onClick={looked}>
          I have looked
        </button>
      </p>
    </div>
  );
}
