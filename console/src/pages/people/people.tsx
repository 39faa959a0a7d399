import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { me, type PersonRow, people } from '../../api/queries.ts';
import { signed } from '../../api/sign.ts';
import { Badge } from '../../look/badges.tsx';
import { DoingFault, useActs, useDoing } from '../../look/do.tsx';
import { Icon } from '../../look/icons.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Passkeys } from './passkeys.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { SignedIn } from './sessions.tsx';
import '../now/now.css';

/** Who answers for agents here, and with what they sign. */
export function People() {
  const self = useQuery(me).data;
  const mayInvite = self?.roles.includes('admin') === true;
  return (
    <Page
      title="People"
      about="Who answers for agents here. An admin invites; each makes a passkey of her own."
    >
      {useActs() ? (
        <p className="note">
          <Link to="/phone">Be told on this device</Link>
        </p>
      ) : null}
      <Loaded query={useQuery(people)}>
        {(all) => (
          <>
            <Card title="People in force" aside={<span className="soft small">{all.length}</span>}>
              <ul className="feed">
                {all.map((one) => (
                  <Line
                    key={one.id}
                    person={one}
                    mayInvite={mayInvite && one.disabled !== true}
                    mayTake={mayInvite || one.id === self?.person}
                  />
                ))}
              </ul>
            </Card>
            <RecoveryCodes />
            <SignedIn names={new Map(all.map(({ id, name }) => [id, name]))} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

interface Invited {
  readonly mailed: boolean;
  readonly code?: string;
  readonly link?: string;
}

interface Row {
  readonly person: PersonRow;
  readonly mayInvite: boolean;
  readonly mayTake: boolean;
}

function Line({ person, mayInvite, mayTake }: Row) {
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  const [invited, setInvited] = useState<Invited | null>(null);
  const invite = () =>
    run(async () => {
      setInvited(await signed<Invited>(`/v1/people/${encodeURIComponent(person.id)}/invite`, {}));
      await queries.invalidateQueries({ queryKey: ['people'] });
    });
  const count = person.passkeys.length;
  return (
    <li>
      <span>
        {person.name} <span className="soft small">{person.id}</span>{' '}
        {person.disabled === true ? <Badge tone="stop">disabled</Badge> : null}
      </span>
      <Badge tone={count === 0 ? 'wait' : 'plain'}>
        {count === 0 ? 'cannot sign in' : count === 1 ? '1 passkey' : `${count} passkeys`}
      </Badge>
      <span className="soft small">{person.roles.join(', ')}</span>
      {mayInvite ? (
        <button type="button" className="end" disabled={busy} onClick={invite}>
          <Icon name="key" /> Invite
        </button>
      ) : null}
      <Passkeys person={person} mayTake={mayTake} />
      <DoingFault error={error} />
      {invited === null ? null : invited.link === undefined ? (
        <span role="status">The link is on its way to {person.email ?? 'her address'}.</span>
      ) : (
        <span role="status">
          {invited.code === 'none' ? 'No mail reaches her' : `The mail was not taken (${invited.code})`}: hand
          this over yourself. It is good once: <span className="mono">{invited.link}</span>
        </span>
      )}
    </li>
  );
}
