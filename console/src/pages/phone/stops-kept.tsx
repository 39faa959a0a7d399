import { useQuery, useQueryClient } from '@tanstack/react-query';
import { me, stopKeys } from '../../api/queries.ts';
import { signed } from '../../api/sign.ts';
import { Ago } from '../../look/ago.tsx';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Card } from '../../look/page.tsx';
import '../now/now.css';

/** What stops from elsewhere, for whoever lost the phone that holds it: her own ends at once, another's once it is signed. */
export function StopsKept() {
  const queries = useQueryClient();
  const self = useQuery(me).data?.person;
  const { busy, error, run } = useDoing();
  const end = (path: `/v1/${string}`) =>
    run(async () => {
      await signed(path, {});
      await queries.invalidateQueries({ queryKey: ['people'] });
    });
  return (
    <Loaded query={useQuery(stopKeys)}>
      {({ keys, codes }) =>
        keys.length + codes === 0 ? null : (
          <Card title="Kept elsewhere to stop with">
            <DoingFault error={error} />
            <ul className="feed">
              {keys.map(({ id, person, made }) => (
                <li key={id}>
                  <span>
                    Stop link <span className="mono">{id}</span>
                    {person === self ? '' : ` of ${person}`}
                  </span>
                  <button
                    type="button"
                    className="beside"
                    disabled={busy}
                    aria-label={`End link ${id}`}
                    onClick={() => end(`/v1/stop-keys/${encodeURIComponent(id)}/revoke`)}
                  >
                    End
                  </button>
                  <span className="soft small">
                    made <Ago at={made} />
                  </span>
                </li>
              ))}
              {codes === 0 ? null : (
                <li>
                  <span>{codes} codes on your saved stop pages</span>
                  <button
                    type="button"
                    className="beside"
                    disabled={busy}
                    onClick={() => end('/v1/stop-page/revoke')}
                  >
                    End all my codes
                  </button>
                </li>
              )}
            </ul>
          </Card>
        )
      }
    </Loaded>
  );
}
