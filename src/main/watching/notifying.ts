import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toInstant } from '../../base/clock.ts';
import { problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import type { Operations } from '../../control/operations.ts';
import { acknowledge, subscribe, unsubscribe } from '../../pipeline/acts/acts.ts';
import { isAlertSubject } from '../../watch/notify/alerts.ts';
import type { Carrier } from '../../watch/notify/carrier.ts';
import { mailCarrier } from '../../watch/notify/carriers/mail.ts';
import { ntfyCarrier } from '../../watch/notify/carriers/ntfy.ts';
import { pushCarrier, readSubscription } from '../../watch/notify/carriers/push.ts';
import { slackCarrier } from '../../watch/notify/carriers/slack.ts';
import { createVapidKeys, openVapidKeys, type VapidKeys } from '../../watch/notify/carriers/vapid.ts';
import { webhookCarrier } from '../../watch/notify/carriers/webhook.ts';
import type { Letter, Matter } from '../../watch/notify/matter.ts';
import { isFollowed } from '../../watch/notify/matters.ts';
import { sentenceOf } from '../../watch/notify/message.ts';
import { Notifier } from '../../watch/notify/notifier.ts';
import type { Directory } from '../../watch/notify/plan.ts';
import type { Channel } from '../../watch/notify/reach.ts';
import { putCell, removeCell, Subscriptions, subscriptionId } from '../../watch/notify/subscriptions.ts';
import type { House } from '../house.ts';
import { answerableFor } from '../leases/lease-operations.ts';
import { toldOfStop } from '../stop/concerned.ts';
import { unknownPerson } from '../unknown.ts';

/** Reaching people, over a house: the notifier, the browsers that were subscribed, and what operators ask of both. */
export interface Notifying {
  readonly notifier: Notifier;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** People in force without any channel. */
  unreached(): readonly string[];
  undelivered(): readonly Letter[];
  /** Every channel of a person, ready to send. */
  lanesOf(person: string): readonly { readonly channel: string; readonly carrier: Carrier }[];
  /** Where links in messages begin; null where nobody has said. */
  base(): string | null;
  /** `house`: its `operate` says who asks. */
  operations(
    house: House,
  ): Pick<Operations, 'inbox' | 'alerts' | 'acknowledge' | 'pushKey' | 'subscribe' | 'unsubscribe'>;
}

export function openNotifying(house: House, state: string): Notifying {
  const subscriptions = new Subscriptions();
  const directory = directoryOf(house, subscriptions);
  let keys: VapidKeys | null = null;
  const vapid = () => (keys ??= openPushKey(join(state, 'push.key')));
  const notifier = new Notifier({
    clock: house.clock,
    ids: house.rooms.ids,
    store: house.store,
    record: (draft) => house.recorder.record(draft),
    directory: () => directory,
    timing: () => house.resolved().notify,
    carrier(person, id) {
      const channel = directory.reachOf(person)?.channels.find((one) => one.id === id);
      return channel === undefined ? null : carrierOf(channel, house, vapid);
    },
    gone(person, id) {
      if (subscriptions.find(person, id) === undefined) return [];
      subscriptions.remove(person, id);
      return [removeCell(person, id)];
    },
    base: () => baseOf(house),
    log: house.log,
  });
  const unreached = () =>
    directory.everyone().filter((person) => (directory.reachOf(person)?.channels.length ?? 0) === 0);
  return {
    notifier,
    async start() {
      for (const cell of await house.store.cells('push')) subscriptions.recall(cell);
      house.checkpoints.listenToEntries((entries) => {
        if (entries.some(({ kind }) => isFollowed(kind))) notifier.nudge();
      });
      await notifier.start();
    },
    stop: () => notifier.stop(),
    unreached,
    undelivered: () => [...notifier.matters.letters.values()],
    base: () => baseOf(house),
    lanesOf: (person) =>
      (directory.reachOf(person)?.channels ?? []).flatMap((channel) => {
        const carrier = carrierOf(channel, house, vapid);
        return carrier === null ? [] : [{ channel: channel.id, carrier }];
      }),
    operations: (asked) => ({
      inbox: async () => inboxOf(notifier, unreached()),
      alerts: async () => alertsOf(notifier),
      acknowledge: (id, why) => acknowledgeIn(asked, notifier, id, why),
      pushKey: async () => ({ key: house.resolved().notify.push === null ? null : vapid().publicKey }),
      subscribe: (person, browser) => subscribeIn(asked, subscriptions, person, browser),
      async unsubscribe(person, id) {
        if (subscriptions.find(person, id) === undefined)
          return err(problem('CHANNEL_UNKNOWN', { id, person }));
        const cells = [removeCell(person, id)];
        const done = await asked.operate(
          unsubscribe(person, id, cells, () => subscriptions.remove(person, id)),
        );
        return done.ok ? ok({ person, channel: id }) : done;
      },
    }),
  };
}

function directoryOf(house: House, subscriptions: Subscriptions): Directory {
  const inForce = () => house.standing.inForce;
  const able = () => [...inForce().people.values()].filter(({ disabled }) => disabled !== true);
  return {
    peopleOf: (role) =>
      able()
        .filter(({ roles }) => roles.some((one) => one === role))
        .map(({ id }) => id),
    everyone: () => able().map(({ id }) => id),
    ownerOf: (agent) => inForce().agents.get(agent)?.owner,
    backupOf: (agent) => inForce().agents.get(agent)?.backup,
    electorate: () =>
      [...house.electorate.voters().values()].map(({ id, roles }) => [id, ...roles].join(' ')).join('\n'),
    mayAnswer(id) {
      const { approvals } = house.rooms;
      const kept = approvals.find(id);
      return kept === undefined ? null : approvals.people(kept.approval);
    },
    answerableFor: (scope) => toldOfStop(house, scope),
    reachOf(person) {
      const found = inForce().people.get(person);
      if (found === undefined || found.disabled === true) return undefined;
      const { people, push } = house.resolved().notify;
      const configured = people.get(person);
      const browsers = push === null ? [] : subscriptions.channelsOf(person);
      return { ...configured, channels: [...(configured?.channels ?? []), ...browsers] };
    },
  };
}

function carrierOf(channel: Channel, house: House, vapid: () => VapidKeys): Carrier | null {
  const { mail, push } = house.resolved().notify;
  const nowMs = () => house.clock.now();
  switch (channel.kind) {
    case 'mail':
      return mail === null ? null : mailCarrier(mail, channel.to);
    case 'ntfy':
      return ntfyCarrier(channel.url, channel.token);
    case 'slack':
      return slackCarrier(channel.url);
    case 'webhook':
      return webhookCarrier(channel.url, channel.secret, `urn:lanyard:${house.signer.name}`, nowMs);
    case 'push':
      return push === null ? null : pushCarrier(channel.subscription, push, vapid(), nowMs);
  }
}

/** Where people reach `control`: what was said, or this machine's own address of it. */
function baseOf(house: House): string | null {
  return house.resolved().set.configuration.publicUrl ?? house.electorate.url;
}

/** Made when it is needed first, whole or not at all. */
function openPushKey(path: string): VapidKeys {
  if (existsSync(path)) return openVapidKeys(readFileSync(path, 'utf8'));
  const { pem, keys } = createVapidKeys();
  writeFileSync(`${path}.new`, pem, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  return keys;
}

function inboxOf(notifier: Notifier, unreached: readonly string[]): JsonObject {
  return {
    approvals: mattersOf(notifier, 'approval'),
    appeals: mattersOf(notifier, 'appeal'),
    ...alertsOf(notifier),
    unreached: [...unreached],
  };
}

function alertsOf(notifier: Notifier): JsonObject {
  return {
    alerts: mattersOf(notifier, 'alert'),
    undelivered: [...notifier.matters.letters.values()].map(describeLetter),
  };
}

/** Pages first, then the oldest. */
function mattersOf(notifier: Notifier, kind: Matter['kind']): JsonObject[] {
  const of: Matter[] = [];
  for (const matter of notifier.matters.open.values()) if (matter.kind === kind) of.push(matter);
  of.sort((a, b) => Number(b.page) - Number(a.page) || a.openedMs - b.openedMs);
  return of.map(describeMatter);
}

function describeMatter({
  told,
  openedMs,
  expiresMs,
  subject,
  people,
  answered,
  backups,
  needs,
  ...rest
}: Matter): JsonObject {
  const lanes = Object.entries(told).map(([lane, { atMs, dead }]) => ({
    lane,
    at: toInstant(atMs),
    ...(dead === true ? { undelivered: true } : {}),
  }));
  return {
    ...rest,
    ...(subject === undefined ? {} : { subject }),
    ...(isAlertSubject(subject) ? { says: sentenceOf({ subject, scope: rest.scope }) } : {}),
    opened: toInstant(openedMs),
    ...(expiresMs === undefined ? {} : { expires: toInstant(expiresMs) }),
    people: [...people],
    ...(backups === undefined ? {} : { backups: [...backups] }),
    ...(answered.length === 0 ? {} : { answered: [...answered] }),
    told: lanes,
  };
}

function describeLetter({ atMs, matters, ...rest }: Letter): JsonObject {
  return { ...rest, at: toInstant(atMs), matters: [...matters] };
}

async function acknowledgeIn(
  house: House,
  notifier: Notifier,
  id: string,
  why: string | undefined,
): ReturnType<Operations['acknowledge']> {
  const matter = notifier.matters.open.get(id);
  const letter = notifier.matters.letters.get(id);
  if (matter?.kind !== 'alert' && letter === undefined) return err(problem('NOT_WAITING', { id }));
  const what = letter !== undefined ? { lane: letter.lane } : alertOf(matter);
  const owner = matter?.agent === undefined ? undefined : house.standing.inForce.agents.get(matter.agent);
  const answerable = [
    ...(owner === undefined ? [] : answerableFor(owner)),
    ...(matter?.people ?? []),
    ...(matter?.backups ?? []),
  ];
  const about = { answerable, ...(owner === undefined ? {} : { agents: [owner] }) };
  const done = await house.operate(acknowledge(what, why, about));
  if (!done.ok) return done;
  notifier.nudge();
  return ok({ acknowledged: id });
}

function alertOf(matter: Matter | undefined): JsonObject {
  const { id = '', subject, agent, scope } = matter ?? {};
  return {
    alert: id,
    ...(subject === undefined ? {} : { subject }),
    ...(agent === undefined ? {} : { agent }),
    ...(scope === undefined ? {} : { scope }),
  };
}

async function subscribeIn(
  house: House,
  subscriptions: Subscriptions,
  person: string,
  browser: { endpoint: string; p256dh: string; auth: string },
): ReturnType<Operations['subscribe']> {
  const { push } = house.resolved().notify;
  if (push === null) return err(problem('NO_WEB_PUSH'));
  const unknown = unknownPerson(person, house.standing.inForce.people.keys());
  if (unknown !== null) return err(unknown);
  const read = readSubscription(browser, push.services);
  if (typeof read === 'string') return err({ code: 'SUBSCRIPTION_UNFIT', sentence: read });
  const id = subscriptionId(read);
  if (subscriptions.isFull(person) && subscriptions.find(person, id) === undefined)
    return err(problem('TOO_MANY_BROWSERS', { person }));
  const act = subscribe(person, id, [putCell(person, read)], () => subscriptions.put(person, read));
  const done = await house.operate(act);
  return done.ok ? ok({ person, channel: id }) : done;
}
