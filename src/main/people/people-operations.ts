import { toInstant } from '../../base/clock.ts';
import { problem } from '../../base/errors.ts';
import { err, ok } from '../../base/result.ts';
import type { OpenSession } from '../../contract/control-api.ts';
import type { Operations } from '../../control/operations.ts';
import type { Session, Sessions } from '../../control/people/sessions.ts';
import { confirm, endSession } from '../../pipeline/acts/people-acts.ts';
import type { OperatorAct } from '../../pipeline/operate.ts';
import type { Foundation } from '../foundation.ts';
import type { House } from '../house.ts';
import { readLogState } from '../log/log-state.ts';
import type { Shared } from '../operations.ts';

/** What operators do about people, and about what was done before there were any. */
export function peopleOperations(
  house: House,
  shared: Pick<Shared, 'enrolment' | 'place'>,
): Pick<Operations, 'act' | 'enrolCode' | 'unconfirmed' | 'confirm'> {
  const unconfirmed = async () =>
    (await readLogState(house.store, house.ground.instance)).unconfirmed(house.clock.now());
  return {
    async act<T>(act: OperatorAct<T>) {
      const done = await house.operate(act);
      return done.ok ? ok(done.value.value) : done;
    },
    async enrolCode(person) {
      if (shared.enrolment === null) return err(problem('NO_CONTROL'));
      const subject = person ?? onlyAdmin(house);
      if (subject === null) return err(problem('PERSON_MISSING'));
      const made = shared.enrolment.makeClaimCode(subject);
      if (!made.ok) return made;
      return ok({
        person: subject,
        place: shared.place?.() ?? '',
        code: made.value.code,
        expiresAt: toInstant(made.value.expiresAtMs),
      });
    },
    unconfirmed,
    async confirm(entries) {
      if (!house.passkeys.claimed) return err(problem('CONFIRM_UNCLAIMED'));
      const open = new Map((await unconfirmed()).map((one) => [one.seq, one]));
      const missing = entries.filter((seq) => !open.has(seq));
      if (missing.length > 0) return err(problem('NOT_TO_CONFIRM', { entries: missing.join(', ') }));
      const named = entries.map((seq) => ({ seq, leaf: open.get(seq)?.leaf ?? '' }));
      const done = await house.operate(confirm(named));
      return done.ok ? ok({ confirmed: done.value.value }) : done;
    },
  };
}

/** Who is signed in, and ending that: with or without a set that can start. */
export function sessionOperations(
  { operate }: Pick<Foundation, 'operate'>,
  sessions: Sessions | null,
): Pick<Operations, 'sessions' | 'endSession'> {
  return {
    sessions: async () => (sessions?.all() ?? []).map(rowOf),
    async endSession(id) {
      const found = sessions?.all().find((one) => one.id === id);
      if (sessions === null || found === undefined) return err(problem('SESSION_UNKNOWN', { id }));
      const { person } = found;
      const done = await operate(endSession(person, id, () => void sessions.end(id)));
      if (!done.ok) return done;
      const { unrecorded } = done.value;
      return ok({ ended: id, person, ...(unrecorded === undefined ? {} : { unrecorded }) });
    },
  };
}

const rowOf = (one: Session): OpenSession => ({
  session: one.id,
  person: one.person,
  origin: one.origin,
  from: one.from,
  opened: toInstant(one.openedAtMs),
  used: toInstant(one.usedAtMs),
  expires: toInstant(one.expiresAtMs),
});

function onlyAdmin({ standing }: House): string | null {
  const admins = [...standing.inForce.people.values()].filter(({ roles }) => roles.includes('admin'));
  return admins.length === 1 ? (admins[0]?.id ?? null) : null;
}
