import { Ceremonies } from '../../control/people/ceremonies.ts';
import { Enrolment } from '../../control/people/enrolment.ts';
import { Sessions } from '../../control/people/sessions.ts';
import type { Person } from '../../model/person.ts';
import type { Proof } from '../../pipeline/credentials/proof.ts';
import { operate } from '../../pipeline/operate.ts';
import { stop } from '../../pipeline/stop/stop.ts';
import type { Foundation } from '../foundation.ts';

/** What people sign in and sign with, over whoever is among the people in force. */
export interface PeopleDesk {
  readonly sessions: Sessions;
  readonly ceremonies: Ceremonies;
  readonly enrolment: Enrolment;
  person(id: string): Person | undefined;
  all(): readonly Person[];
  signedIn(person: Person, session: string, proof: Proof): void;
}

export function openPeople(foundation: Foundation, all: () => readonly Person[]): PeopleDesk {
  const { clock, ground, ids, passkeys, tickets, recorder } = foundation;
  const person = (id: string) => all().find((one) => one.id === id);
  const ceremonies = new Ceremonies({ clock, instance: ground.instance, passkeys });
  const sessions = new Sessions(clock);
  const enrolment = new Enrolment({
    ground,
    ids,
    passkeys,
    tickets,
    ceremonies,
    person,
    people: all,
    async freeze(by, why) {
      foundation.log(`${why}; everything stands still until a person releases it`);
      await operate(ground, { by }, stop(foundation.halt, 'all', 'frozen', why));
    },
  });
  return {
    sessions,
    ceremonies,
    enrolment,
    person,
    all,
    signedIn({ id }, session, proof) {
      const spent = proof.spend({ purpose: 'sign-in' }, clock.now());
      if (!spent.ok) return;
      const fields = {
        kind: 'person.signed-in',
        by: 'person',
        person: id,
        session,
        proof: spent.value,
      } as const;
      // A full disk must not keep anybody from the brake: it is written when there is room again.
      recorder.record({ fields }).catch(() => recorder.owe({ fields }));
    },
  };
}
