import { useQuery, useQueryClient } from '@tanstack/react-query';
import { leaseSample } from '../../api/queries.ts';
import { signed } from '../../api/sign.ts';
import { Ago } from '../../look/ago.tsx';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Icon } from '../../look/icons.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { RowList } from '../actions/row-list.tsx';

/** What somebody who answers for an agent looks through, and the one button that says that she has. */
export function Look({ agent }: { readonly agent: string }) {
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  return (
    <Loaded query={useQuery(leaseSample(agent))}>
      {({ actions, more, sample, since, shown }) => (
        <section className="stack tight" aria-label={`What ${agent} did`}>
          <p className="small">
            {actions === 0
              ? 'It ran nothing since the last look, '
              : `It ran ${more ? 'more than ' : ''}${actions} ${actions === 1 ? 'action' : 'actions'} since the last look, `}
            <Ago at={since} />.{' '}
            {sample.length > 0 ? 'Open each of these; what you do not recognise, stop first.' : ''}
          </p>
          {sample.length > 0 ? <RowList rows={sample} empty="" /> : null}
          <DoingFault error={error} />
          <p>
            <button
              type="button"
              disabled={busy}
              onClick={() =>
                run(async () => {
                  await signed(`/v1/agents/${encodeURIComponent(agent)}/look`, { shown });
                  await queries.invalidateQueries();
                })
              }
            >
              <Icon name="duties" /> I have looked at what {agent} did
            </button>
          </p>
        </section>
      )}
    </Loaded>
  );
}
