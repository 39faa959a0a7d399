import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApiOpenSession } from '../../../../src/contract/control-api.ts';
import { sessions } from '../../api/queries.ts';
import { signed } from '../../api/sign.ts';
import { Ago, Until } from '../../look/ago.tsx';
import { Badge } from '../../look/badges.tsx';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Card } from '../../look/page.tsx';

/**
 * Who is signed in: one's own sessions, and for an admin everybody's. Here somebody finds a session that is not hers.
 */
export function SignedIn({ names }: { readonly names: ReadonlyMap<string, string> }) {
  const queries = useQueryClient();
  const query = useQuery(sessions);
  const { busy, error, run } = useDoing();
  const end = (ids: readonly string[]) =>
    run(async () => {
      try {
        for (const id of ids) await signed(`/v1/sessions/${encodeURIComponent(id)}/end`, {});
      } finally {
        await queries.invalidateQueries({ queryKey: ['people'] });
      }
    });
  return (
    <Loaded query={query}>
      {(all) => {
        const others = othersOf(all);
        return (
          <Card title="Signed in now" aside={<span className="soft small">{all.length}</span>}>
            <DoingFault error={error} />
            <ul className="feed">
              {all.map((one) => (
                <Line
                  key={one.session}
                  one={one}
                  name={names.get(one.person) ?? one.person}
                  busy={busy}
                  onEnd={() => end([one.session])}
                />
              ))}
            </ul>
            {others.length < 2 ? null : (
              <p className="body">
                <button type="button" disabled={busy} onClick={() => end(others)}>
                  End all my others ({others.length})
                </button>
              </p>
            )}
          </Card>
        );
      }}
    </Loaded>
  );
}

/** Her own sessions but this one, for somebody who has lost a device to end. */
function othersOf(all: readonly ApiOpenSession[]): string[] {
  const me = all.find(({ isThis }) => isThis)?.person;
  return all.filter(({ person, isThis }) => person === me && !isThis).map(({ session }) => session);
}

function Line({
  one,
  name,
  busy,
  onEnd,
}: {
  readonly one: ApiOpenSession;
  readonly name: string;
  readonly busy: boolean;
  onEnd(): void;
}) {
  return (
    <li>
      <span>
        {name} {one.isThis ? <Badge tone="fine">this tab</Badge> : null}
      </span>
      {one.isThis ? null : (
        <button
          type="button"
          className="beside"
          disabled={busy}
          aria-label={`End the session of ${name}`}
          onClick={onEnd}
        >
          End
        </button>
      )}
      <span className={one.isThis ? 'soft small whole' : 'soft small'}>
        signed in <Ago at={one.opened} /> from <span className="mono">{one.from}</span> at{' '}
        <span className="mono">{new URL(one.origin).host}</span>; last used <Ago at={one.used} />,{' '}
        <Until at={one.expires} />
      </span>
    </li>
  );
}
