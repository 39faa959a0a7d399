import { problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok } from '../../base/result.ts';
import type { Operations, OperatorRefusal } from '../../control/operations.ts';
import type { Change } from '../../control/people/changes.ts';
import { answerTest } from '../../pipeline/approval/test-approval.ts';
import { type Undelivered, undelivered } from '../../watch/notify/carrier.ts';
import type { Message } from '../../watch/notify/message.ts';
import type { House } from '../house.ts';
import { unknownPerson } from '../unknown.ts';
import type { Notifying } from '../watching/notifying.ts';

type Reach = Pick<Notifying, 'lanesOf' | 'base'>;
type Sent = readonly { readonly channel: string; readonly code?: string }[];

/** What setting up a phone takes: where it gets in, whether a message reaches it, and whether she can answer from it. */
export function phoneOperations(
  house: House,
  notifying: Reach,
  lastMs: Map<string, number>,
): Pick<Operations, 'phone' | 'testNotice' | 'testApproval'> {
  /** Why nothing is tried now; null where it is, and counts as tried. */
  const whyNot = (person: string): OperatorRefusal | null => {
    const unknown = unknownPerson(person, house.standing.inForce.people.keys());
    if (unknown !== null) return unknown;
    if (notifying.lanesOf(person).length === 0) return problem('UNREACHED', { person });
    const nowMs = house.clock.now();
    if (nowMs < (lastMs.get(person) ?? 0) + LIMITS.testNoticeGapMs) return problem('TESTED_JUST_NOW');
    lastMs.set(person, nowMs);
    return null;
  };
  return {
    phone: async () => phoneOf(house),
    async testNotice(person) {
      const why = whyNot(person);
      if (why !== null) return err(why);
      const said = { title: 'Lanyard: a test', lines: ['This is a test. Nothing waits for you.'] };
      return ok({ person, sent: await send(house, notifying, person, { ...said, link: notifying.base() }) });
    },
    async testApproval(person) {
      const { passkeys } = house;
      const unknown = unknownPerson(person, house.standing.inForce.people.keys());
      if (unknown !== null) return err(unknown);
      if (!passkeys.of(person).some((one) => passkeys.isValid(one)))
        return err(
          problem('NO_PASSKEY', {
            person,
            help: passkeys.claimed
              ? 'an admin invites her (console, People)'
              : './lanyard enrol makes the first one',
          }),
        );
      const why = whyNot(person);
      return why === null ? askTest(house, notifying, person) : err(why);
    },
  };
}

/** Asks her, sends her the link to the question, and waits for her answer. */
async function askTest(
  house: House,
  notifying: Reach,
  person: string,
): ReturnType<Operations['testApproval']> {
  const act = answerTest(house.rooms.ids(), person);
  let sending: Promise<Sent> | null = null;
  const onChange = (change: Change) => {
    if (change.act !== act || change.state !== 'waiting' || sending !== null) return;
    const base = notifying.base()?.replace(/\/+$/, '') ?? null;
    const link = base === null ? null : `${base}/confirm/${change.id}`;
    const said = {
      title: 'Lanyard: a test question',
      lines: ['This is a test. Whatever you answer, nothing is done.'],
    };
    sending = send(house, notifying, person, { ...said, link }).then((sent) => {
      if (sent.every(({ code }) => code !== undefined))
        change.drop('dropped', `No message reached ${person}, so she was not asked.`);
      return sent;
    });
  };
  const leave = house.changes.watch(onChange);
  const done = await house.operate(act).finally(leave);
  const sent: Sent = (await sending) ?? [];
  if (!done.ok) return err({ ...done.error, details: sent.map(lineOf) });
  return ok({ approval: String(act.fields['approval']), person, answer: done.value.value, sent });
}

const lineOf = ({ channel, code }: Sent[number]): string =>
  code === undefined ? `sent by ${channel}` : `not delivered by ${channel}: ${code}`;

/** Over each of her channels, once; the answer says which it did not arrive by. */
function send(
  house: House,
  notifying: Reach,
  person: string,
  said: Pick<Message, 'title' | 'lines' | 'link'>,
): Promise<Sent> {
  const message = { ...said, id: house.rooms.ids(), page: false, atMs: house.clock.now(), matters: [] };
  return Promise.all(
    notifying.lanesOf(person).map(async ({ channel, carrier }) => {
      const failure = await carrier.send(message, AbortSignal.timeout(LIMITS.noticeMs)).then(
        () => null,
        (error: unknown): Undelivered => undelivered(error),
      );
      await note(house, { notice: message.id, person, channel }, failure);
      return { channel, ...(failure === null ? {} : { code: failure.code }) };
    }),
  );
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
    // Who could answer a test question.
    people: [...house.electorate.voters().keys()],
  };
}
