import { LIMITS } from '../../base/limits.ts';
import type { Mailed } from '../../control/port.ts';
import type { Person } from '../../model/person.ts';
import { undelivered } from '../../watch/notify/carrier.ts';
import { mailCarrier } from '../../watch/notify/carriers/mail.ts';
import type { House } from '../house.ts';

/** Brings an invitation to the person's own address, and says whether the server took it. Our words, and nobody else's. */
export async function mailInvitation(
  house: Pick<House, 'resolved' | 'rooms' | 'clock' | 'log'>,
  { id, email }: Person,
  link: string,
): Promise<Mailed> {
  const { mail } = house.resolved().notify;
  if (mail === null || email === undefined) return { mailed: false, code: 'none' };
  const message = {
    id: house.rooms.ids(),
    page: false,
    title: 'Lanyard: you are invited to make a passkey',
    lines: [
      `An admin invites you (${id}) to answer for agents.`,
      'The link is good once, for three days. Whoever opens it first makes the passkey: pass it on to nobody.',
    ],
    link,
    atMs: house.clock.now(),
    matters: [],
  };
  try {
    await mailCarrier(mail, email).send(message, AbortSignal.timeout(LIMITS.noticeMs));
    return { mailed: true };
  } catch (error) {
    const { code } = undelivered(error);
    house.log(`the invitation of ${id} could not be mailed (${code}); its link was shown to whoever invited`);
    return { mailed: false, code };
  }
}
