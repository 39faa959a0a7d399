import { toInstant } from '../../base/clock.ts';
import { minuteOf } from '../../base/duration.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { digestOf } from '../../base/hash.ts';
import type { Ids } from '../../base/ids.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { orNearest } from '../../base/nearest.ts';
import { makePaperCode, normalizePaperCode } from '../../base/paper-code.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Person } from '../../model/person.ts';
import { enrol, invite, replaceCodes } from '../../pipeline/acts/people-acts.ts';
import type { EnrolledVia, Passkey, Passkeys } from '../../pipeline/credentials/passkeys.ts';
import type { Ticket, Tickets } from '../../pipeline/credentials/tickets.ts';
import { type OperatingGround, type Operator, type OperatorAct, operate } from '../../pipeline/operate.ts';
import type { Begun, Ceremonies } from './ceremonies.ts';
import type { NewKey } from './webauthn.ts';

interface EnrolmentParts {
  readonly ground: OperatingGround;
  readonly ids: Ids;
  readonly passkeys: Passkeys;
  readonly tickets: Tickets;
  readonly ceremonies: Ceremonies;
  person(id: string): Person | undefined;
  people(): readonly Person[];
  /** After a claim or a recovery: everything stands still until a person has looked. */
  freeze(by: 'claim' | 'recovery', why: string): Promise<void>;
}

interface Enrolled {
  readonly passkey: Passkey;
  /** New recovery codes, shown once; empty where she has some. */
  readonly codes: readonly string[];
}

/** How people come by passkeys: the first admin by a code on her terminal, others by invitation, anybody by recovery. */
export class Enrolment {
  readonly #parts: EnrolmentParts;
  #tries = { minute: 0, count: 0 };

  constructor(parts: EnrolmentParts) {
    this.#parts = parts;
  }

  /** A code for the first passkey of all: an admin's. It is told to whoever asks by the socket, so it ends with the claim. */
  makeClaimCode(subject: string): Result<{ readonly code: string; readonly expiresAtMs: number }, Problem> {
    const { passkeys, tickets, ground } = this.#parts;
    if (passkeys.claimed) return err(problem('CLAIMED'));
    const person = this.#parts.person(subject);
    if (person === undefined) {
      const known = this.#parts.people().map(({ id }) => id);
      return err(problem('PERSON_UNKNOWN', { id: subject, hint: orNearest(subject, known) }));
    }
    if (person.disabled === true || !person.roles.includes('admin'))
      return err(problem('NO_ADMIN', { person: subject }));
    const code = makeCode();
    const expiresAtMs = ground.clock.now() + LIMITS.enrolCodeMs;
    tickets.setClaim(subject, code, expiresAtMs);
    return ok({ code, expiresAtMs });
  }

  begin(origin: string, typed: string): Result<Begun, Problem> {
    const found = this.#ticketOf(typed);
    if (!found.ok) return found;
    const { person } = found.value;
    return ok(
      this.#parts.ceremonies.beginEnrolment(origin, { purpose: 'enrol', person: person.id }, person.name),
    );
  }

  async finish(origin: string, typed: string, response: JsonObject): Promise<Result<Enrolled, Problem>> {
    const before = this.#ticketOf(typed);
    if (!before.ok) return before;
    const made = await this.#parts.ceremonies.finishEnrolment(origin, before.value.person.id, response);
    if (!made.ok) return made;
    // Looked up again and spent in one tick: of two that come at once, one enrols.
    const found = this.#ticketOf(typed);
    if (!found.ok) return found;
    const { ticket, person } = found.value;
    this.#parts.tickets.spend(ticket);
    const codes = this.#parts.tickets.leftAfter(ticket).length === 0 ? makeCodes() : [];
    const passkey = this.#passkeyOf(person.id, made.value, ticket);
    const act = enrol(this.#parts.passkeys, this.#parts.tickets, passkey, {
      ticket,
      codes: codes.map((code) => digestOf(code)),
    });
    // Before the passkey: whoever ends the process right behind it has not kept everything from standing still.
    if (ticket.via === 'recovery')
      await this.#parts.freeze('recovery', `a recovery code of ${person.id} was used`);
    const done = await operate(this.#parts.ground, operatorOf(ticket, person), act);
    if (!done.ok) return err(done.error);
    // A claim needs no such order: a start freezes by itself for what nobody has signed.
    if (ticket.via === 'code') await this.#parts.freeze('claim', CLAIMED);
    return ok({ passkey, codes });
  }

  /** Another passkey of a signed-in person, to be signed by one that she has. */
  beginSecond(origin: string, person: Person): Begun {
    return this.#parts.ceremonies.beginEnrolment(
      origin,
      { purpose: 'enrol', person: person.id },
      person.name,
    );
  }

  async second(
    origin: string,
    person: Person,
    response: JsonObject,
  ): Promise<Result<OperatorAct<Passkey>, Problem>> {
    const made = await this.#parts.ceremonies.finishEnrolment(origin, person.id, response);
    if (!made.ok) return made;
    const passkey = this.#passkeyOf(person.id, made.value, null);
    return ok(enrol(this.#parts.passkeys, this.#parts.tickets, passkey, {}));
  }

  /** An invitation and the code that goes into its link; the code is kept nowhere. */
  invite(
    subject: Person,
    by: Person,
  ): Result<{ readonly act: OperatorAct<void>; readonly code: string }, Problem> {
    const { tickets, ids, ground } = this.#parts;
    const now = ground.clock.now();
    const open = tickets.invitations().filter(({ expiresAtMs }) => expiresAtMs > now);
    if (open.length >= LIMITS.openInvitations)
      return err(problem('TOO_MANY_INVITATIONS', { count: open.length }));
    const code = makeCode();
    const invitation = {
      id: ids(),
      subject: subject.id,
      verifier: digestOf(code),
      invitedBy: by.id,
      expiresAtMs: now + LIMITS.invitationMs,
    };
    return ok({ act: invite(tickets, invitation), code });
  }

  newCodes(person: Person): { readonly act: OperatorAct<void>; readonly codes: readonly string[] } {
    const codes = makeCodes();
    const act = replaceCodes(
      this.#parts.tickets,
      person.id,
      codes.map((code) => digestOf(code)),
    );
    return { act, codes };
  }

  #ticketOf(typed: string): Result<{ readonly ticket: Ticket; readonly person: Person }, Problem> {
    const { tickets, passkeys, ground } = this.#parts;
    const ticket = tickets.find(normalizePaperCode(typed));
    const person = ticket === null ? undefined : this.#parts.person(ticket.subject);
    const good = ticket !== null && person !== undefined && person.disabled !== true;
    if (good && !(ticket.via === 'code' && passkeys.claimed)) return ok({ ticket, person });
    const minute = minuteOf(ground.clock.now());
    if (this.#tries.minute !== minute) this.#tries = { minute, count: 0 };
    // A right code is never kept waiting by wrong ones: 80 bits are not found by trying.
    return err(problem(++this.#tries.count > LIMITS.codeTriesPerMinute ? 'TOO_MANY_CODES' : 'CODE_REFUSED'));
  }

  #passkeyOf(person: string, key: NewKey, ticket: Ticket | null): Passkey {
    const now = this.#parts.ground.clock.now();
    const via: EnrolledVia = ticket?.via ?? 'second';
    // A further one of a newcomer is a newcomer's too, or she could shed that with the first.
    const inviters = new Set(this.#parts.passkeys.invitersOf(person));
    if (ticket?.via === 'invitation') inviters.add(ticket.invitation.invitedBy);
    const [inviter, ...others] = inviters;
    return {
      ...key,
      person,
      via,
      enrolled: toInstant(now),
      ...(inviter === undefined ? {} : { invitedBy: others.length === 0 ? inviter : [inviter, ...others] }),
      ...(ticket?.via === 'recovery' ? { validFrom: toInstant(now + LIMITS.recoveryWaitMs) } : {}),
    };
  }
}

const CLAIMED = 'claimed: what was done while nobody could sign waits to be confirmed or undone';

/** 80 random bits: short enough to be typed, long enough that its digest may stand in the log. */
const makeCode = (): string => makePaperCode(4);
const makeCodes = (): string[] => Array.from({ length: LIMITS.recoveryCodes }, makeCode);

function operatorOf(ticket: Ticket, person: Person): Operator {
  return ticket.via === 'code' ? { by: 'claim' } : { by: 'code', person };
}
