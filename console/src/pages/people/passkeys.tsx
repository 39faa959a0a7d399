import { useQueryClient } from '@tanstack/react-query';
import type { PersonRow } from '../../api/queries.ts';
import { signed } from '../../api/sign.ts';
import { Ago, Until } from '../../look/ago.tsx';
import { Badge } from '../../look/badges.tsx';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Icon } from '../../look/icons.tsx';

const VIA: Readonly<Record<string, string>> = {
  code: 'with the code of ./lanyard enrol',
  invitation: 'by an invitation',
  second: 'as one more',
  recovery: 'with a recovery code',
};

/**
 * The passkeys that a person signs with. Whoever lost a device, or finds that a recovery code was used by somebody
 * else, takes its passkey away here.
 */
export function Passkeys({ person, mayTake }: { readonly person: PersonRow; readonly mayTake: boolean }) {
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  if (person.passkeys.length === 0) return null;
  const take = (credential: string) =>
    run(async () => {
      await signed(`/v1/passkeys/${encodeURIComponent(credential)}/remove`, {});
      await queries.invalidateQueries();
    });
  return (
    <details className="whole">
      <summary>Passkeys</summary>
      <DoingFault error={error} />
      <ul className="stack tight">
        {person.passkeys.map(({ credential, via, enrolled, validFrom }) => (
          <li key={credential} className="row wrap">
            <span className="grow small">
              <span className="mono">{credential.slice(0, 8)}</span> made {VIA[via] ?? via}
              {enrolled === undefined ? '' : ' '}
              {enrolled === undefined ? null : <Ago at={enrolled} />}{' '}
              {via === 'recovery' && validFrom !== undefined ? (
                <Badge tone="stop">
                  good from {validFrom.slice(0, 16).replace('T', ' ')} UTC, <Until at={validFrom} />
                </Badge>
              ) : null}
            </span>
            {mayTake ? (
              <button type="button" className="grave" disabled={busy} onClick={() => take(credential)}>
                <Icon name="key" /> Take away {credential.slice(0, 8)}
              </button>
            ) : null}
          </li>
        ))}
      </ul>
    </details>
  );
}
