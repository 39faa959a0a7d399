import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import type { Duty, DutyKind } from '../../../../src/contract/control-reads.ts';
import { duties, me } from '../../api/queries.ts';
import { Ago } from '../../look/ago.tsx';
import { Badge, type Tone } from '../../look/badges.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Look } from './look.tsx';
import { SecondPasskey } from './second-passkey.tsx';
import { Changes, Unconfirmed } from './unsigned.tsx';

const KINDS: Readonly<Record<DutyKind, readonly [Tone, string]>> = {
  approval: ['wait', 'answer'],
  appeal: ['wait', 'answer'],
  alert: ['stop', 'acknowledge'],
  case: ['stop', 'close'],
  unknown: ['wait', 'find out'],
  pin: ['odd', 'look at a change'],
  unused: ['plain', 'take back'],
  look: ['wait', 'look'],
  'take-over': ['stop', 'take over'],
};

/** For each person what is due. */
export function Duties() {
  const self = useQuery(me).data?.person;
  return (
    <Page title="Duties" about="What people owe: to answer, to find out, to look.">
      <SecondPasskey />
      <Unconfirmed />
      <Changes />
      <Loaded query={useQuery(duties)}>
        {({ duties: all }) => {
          const people = [...new Set(all.map(({ person }) => person))].sort((a, b) =>
            a === self ? -1 : b === self ? 1 : a < b ? -1 : 1,
          );
          if (people.length === 0) return <p className="card empty">Nobody owes anything.</p>;
          return people.map((person) => (
            <Card
              key={person}
              title={person === self ? `${person} (you)` : person}
              aside={<span className="soft small">{all.filter((one) => one.person === person).length}</span>}
            >
              <ul className="feed">
                {all
                  .filter((one) => one.person === person)
                  .map((duty) => (
                    <Fragment key={`${duty.kind} ${duty.path} ${duty.sentence}`}>
                      <Line duty={duty} />
                      {duty.kind === 'look' && person === self && duty.agent !== null ? (
                        <li>
                          <Look agent={duty.agent} />
                        </li>
                      ) : null}
                    </Fragment>
                  ))}
              </ul>
            </Card>
          ));
        }}
      </Loaded>
    </Page>
  );
}

function Line({ duty }: { readonly duty: Duty }) {
  const [tone, word] = KINDS[duty.kind];
  return (
    <li>
      <span>
        <Link to={duty.path}>{duty.sentence}</Link>
      </span>
      <Badge tone={tone}>{word}</Badge>
      {duty.since === null ? null : (
        <span className="soft small">
          since <Ago at={duty.since} />
        </span>
      )}
    </li>
  );
}
