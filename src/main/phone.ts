import type { JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok } from '../base/result.ts';
import type { Operations } from '../control/operations.ts';
import { type Undelivered, undelivered } from '../watch/notify/carrier.ts';
import { refusal } from './halting.ts';
import type { House } from './house.ts';
import type { Notifying } from './notifying.ts';

/** What setting up a phone takes: where it gets in, and whether a message reaches it. */
export function phoneOperations(
  house: House,
  notifying: Pick<Notifying, 'lanesOf' | 'base'>,
  lastMs: Map<string, number>,
): Pick<Operations, 'phone' | 'testNotice'> {
  return {
    phone: async () => phoneOf(house),
    async testNotice(person) {
      if (!house.standing.inForce.people.has(person))
        return err(refusal(`There is no person "${person}" in force.`));
      const lanes = notifying.lanesOf(person);
      if (lanes.length === 0)
        return err(
          refusal(`Nothing reaches ${person} yet: subscribe a phone, or name a channel under notify.people.`),
        );
      const nowMs = house.clock.now();
      if (nowMs < (lastMs.get(person) ?? 0) + LIMITS.testNoticeGapMs)
        return err(refusal('A test was sent a moment ago; wait a little.'));
      lastMs.set(person, nowMs);
      const message = {
        id: house.rooms.ids(),
        page: false,
        title: 'Lanyard: a test',
        lines: ['This is a test. Nothing waits for you.'],
        link: notifying.base(),
        atMs: nowMs,
        matters: [],
      };
      const sent = await Promise.all(
        lanes.map(async ({ channel, carrier }) => {
          const failure = await carrier.send(message, AbortSignal.timeout(LIMITS.noticeMs)).then(
            () => null,
            (error: unknown): Undelivered => undelivered(error),
          );
          await note(house, { notice: message.id, person, channel }, failure);
          return { channel, ...(failure === null ? {} : { code: failure.code }) };
        }),
      );
      return ok({ person, sent });
    },
  };
}

/** What arrived is in the log like any other message. A log that cannot be written keeps nobody from trying. */
async function note(house: House, what: JsonObject, failure: Undelivered | null): Promise<void> {
  const told = { ...what, page: false, matters: [], test: true };
  const fields =
    failure === null
      ? ({ kind: 'notice.sent', ...told } as const)
      : ({ kind: 'notice.failed', ...told, code: failure.code, attempts: 1 } as const);
  await house.recorder.record({ fields }).catch(() => undefined);
}

function phoneOf(house: House): JsonObject {
  const { control, publicUrl, tls, behindProxy } = house.resolved().set.configuration;
  return {
    publicUrl: publicUrl ?? null,
    control: control ?? null,
    tls: tls !== undefined ? 'own' : behindProxy ? 'proxy' : null,
    push: house.resolved().notify.push !== null,
    origin: house.signer.name,
    claimed: house.passkeys.claimed,
  };
}
