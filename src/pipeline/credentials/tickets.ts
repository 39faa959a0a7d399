import type { Clock } from '../../base/clock.ts';
import { digestOf, equalBytes } from '../../base/hash.ts';

/** An invitation as it is kept: never its code, only the digest. */
export type Invitation = {
  readonly id: string;
  readonly subject: string;
  readonly verifier: string;
  readonly invitedBy: string;
  readonly expiresAtMs: number;
};

/** What a code stands for, and lets its bearer enrol one passkey for. */
export type Ticket =
  | { readonly via: 'code'; readonly subject: string; readonly verifier: string }
  | { readonly via: 'invitation'; readonly subject: string; readonly invitation: Invitation }
  | { readonly via: 'recovery'; readonly subject: string; readonly verifier: string };

/** Codes that enrol a passkey: the first admin's, invitations, recovery codes. Digests alone; each is good once. */
export class Tickets {
  readonly #clock: Clock;
  readonly #invitations = new Map<string, Invitation>();
  readonly #recovery = new Map<string, readonly string[]>();
  #claim: { readonly subject: string; readonly verifier: string; readonly expiresAtMs: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The newest code alone is good. */
  setClaim(subject: string, code: string, expiresAtMs: number): void {
    this.#claim = { subject, verifier: digestOf(code), expiresAtMs };
  }

  putInvitation(invitation: Invitation): void {
    this.#invitations.set(invitation.id, invitation);
  }

  invitations(): Invitation[] {
    return [...this.#invitations.values()];
  }

  setRecovery(person: string, verifiers: readonly string[]): void {
    this.#recovery.set(person, verifiers);
  }

  recoveryOf(person: string): readonly string[] {
    return this.#recovery.get(person) ?? [];
  }

  /** What a code stands for now; null: nothing. Every digest is compared, whichever fits. */
  find(code: string): Ticket | null {
    const given = Buffer.from(digestOf(code));
    const now = this.#clock.now();
    let found: Ticket | null = null;
    const fits = (verifier: string) => equalBytes(given, Buffer.from(verifier));
    const claim = this.#claim;
    if (claim !== null && claim.expiresAtMs > now && fits(claim.verifier))
      found = { via: 'code', subject: claim.subject, verifier: claim.verifier };
    for (const invitation of this.#invitations.values())
      if (fits(invitation.verifier) && invitation.expiresAtMs > now)
        found = { via: 'invitation', subject: invitation.subject, invitation };
    for (const [subject, verifiers] of this.#recovery)
      for (const verifier of verifiers) if (fits(verifier)) found = { via: 'recovery', subject, verifier };
    return found;
  }

  spend(ticket: Ticket): void {
    if (ticket.via === 'code') this.#claim = null;
    else if (ticket.via === 'invitation') this.#invitations.delete(ticket.invitation.id);
    else this.#recovery.set(ticket.subject, this.#without(ticket));
  }

  /** The recovery codes that are left once this one is used. */
  #without({ subject, verifier }: { readonly subject: string; readonly verifier: string }): string[] {
    return this.recoveryOf(subject).filter((one) => one !== verifier);
  }

  leftAfter(ticket: Ticket): readonly string[] {
    return ticket.via === 'recovery' ? this.#without(ticket) : this.recoveryOf(ticket.subject);
  }
}
