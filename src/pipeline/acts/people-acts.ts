import { canonicalize } from '../../base/canonical.ts';
import { toInstant } from '../../base/clock.ts';
import { problem } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import type { EntryFields } from '../../contract/log-entry.ts';
import type { CellChange } from '../../store/store.ts';
import type { Passkey, Passkeys } from '../credentials/passkeys.ts';
import type { Invitation, Ticket, Tickets } from '../credentials/tickets.ts';
import type { OperatorAct } from '../operate.ts';

/** The acts of the operator's table that are about people and what they sign with. */

/** A passkey as the log says it: `subject` is whose it is, since `person` is who acted. */
export function passkeyFields({ person, ...rest }: Passkey): Omit<EntryFields, 'kind'> {
  return { subject: person, ...rest };
}

interface Enrolling {
  /** What let her in; none: an assertion by a passkey of hers. */
  readonly ticket?: Ticket;
  /** Digests of new recovery codes, where she gets some with it. */
  readonly codes?: readonly string[];
}

export function enrol(
  passkeys: Passkeys,
  tickets: Tickets,
  passkey: Passkey,
  { ticket, codes }: Enrolling,
): OperatorAct<Passkey> {
  const subject = passkey.person;
  const left = ticket === undefined ? tickets.recoveryOf(subject) : tickets.leftAfter(ticket);
  const recovery = [...left, ...(codes ?? [])];
  const cells: CellChange[] = [
    { kind: 'passkey', key: passkey.credential, value: canonicalize(passkey as Json & Passkey) },
    { kind: 'recovery', key: subject, value: canonicalize(recovery) },
  ];
  if (ticket?.via === 'invitation')
    cells.push({ kind: 'invitation', key: ticket.invitation.id, value: null });
  return {
    name: 'enrol',
    about: { subject },
    fields: {
      ...passkeyFields(passkey),
      ...(ticket?.via === 'invitation' ? { invitation: ticket.invitation.id } : {}),
      recovery,
    },
    cells,
    refuse: async () =>
      passkeys.find(passkey.credential) === undefined ? null : problem('ENROLLED_ALREADY'),
    apply() {
      passkeys.put(passkey);
      tickets.setRecovery(subject, recovery);
      return passkey;
    },
  };
}

export function removePasskey(
  passkeys: Passkeys,
  passkey: Passkey,
  admins: readonly string[],
): OperatorAct<void> {
  return {
    name: 'remove-passkey',
    about: { subject: passkey.person },
    fields: { subject: passkey.person, credential: passkey.credential },
    cells: [{ kind: 'passkey', key: passkey.credential, value: null }],
    refuse: async () => {
      const left = passkeys
        .all()
        .filter((one) => one.credential !== passkey.credential && passkeys.isValid(one));
      return left.some(({ person }) => admins.includes(person)) ? null : problem('LAST_PASSKEY');
    },
    apply() {
      passkeys.remove(passkey.credential);
    },
  };
}

export function invite(tickets: Tickets, invitation: Invitation): OperatorAct<void> {
  const { id, subject, verifier, invitedBy, expiresAtMs } = invitation;
  return {
    name: 'invite',
    // Whoever signs it is shown the link, and must be who stands as the inviter.
    about: { only: invitedBy },
    fields: { subject, invitation: id, verifier, invitedBy, expiresAt: toInstant(expiresAtMs) },
    cells: [{ kind: 'invitation', key: id, value: canonicalize(invitation as Json & Invitation) }],
    apply() {
      tickets.putInvitation(invitation);
    },
  };
}

/** New recovery codes; the ones before are good no more. */
export function replaceCodes(
  tickets: Tickets,
  subject: string,
  verifiers: readonly string[],
): OperatorAct<void> {
  return {
    name: 'recovery-codes',
    about: { subject },
    fields: { subject, recovery: verifiers },
    cells: [{ kind: 'recovery', key: subject, value: canonicalize(verifiers) }],
    apply() {
      tickets.setRecovery(subject, verifiers);
    },
  };
}

/** Ends a session of this person; `session` names it without being its token. */
export function endSession(subject: string, session: string, end: () => void): OperatorAct<void> {
  return { name: 'end-session', about: { subject }, fields: { subject, session }, cells: [], apply: end };
}

/** An act that nobody had signed, as the log has it. */
type Unsigned = { readonly seq: number; readonly leaf: string };

/** What was done while nobody could sign, confirmed: each entry by its place and its leaf. */
export function confirm(entries: readonly Unsigned[]): OperatorAct<number> {
  return {
    name: 'confirm',
    fields: { entries },
    cells: [],
    apply: () => entries.length,
  };
}
