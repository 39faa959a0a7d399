import { createHash } from 'node:crypto';
import { durationMs } from '../../base/duration.ts';
import { LIMITS } from '../../base/limits.ts';
import { minutesOf } from '../../base/local-time.ts';
import { readWebhookSecret } from '../../watch/notify/carriers/webhook.ts';
import type { Channel, MailPlace, NotifyPlace, PersonReach } from '../../watch/notify/reach.ts';
import type { NotifyConfiguration } from '../configuration/notify-shape.ts';
import type { Path } from '../configuration/problem.ts';
import type { Configuration } from '../configuration/shape.ts';
import type { Secrets } from './secrets.ts';

type Say = (path: Path, message: string) => void;

/** Push services of the browsers that there are; another one is for a person to name. */
const PUSH_SERVICES = [
  'fcm.googleapis.com',
  'updates.push.services.mozilla.com',
  '*.push.apple.com',
  '*.notify.windows.com',
];

/** `notify:` with its secrets looked up. Without it nobody is reached, and what waits is still kept. */
export function resolveNotify(
  { notify, people }: Pick<Configuration, 'notify' | 'people'>,
  secrets: Secrets,
  say: Say,
): NotifyPlace {
  if (notify === undefined) return NOBODY;
  const reach = new Map<string, PersonReach>();
  for (const [id, { channels, quiet }] of Object.entries(notify.people)) {
    const person = people.find((one) => one.id === id);
    if (person === undefined) say(['notify', 'people', id], 'is not among the people');
    const found = channels.flatMap((channel, i) => {
      const path = ['notify', 'people', id, 'channels', i];
      return resolveChannel(
        channel,
        { path, email: person?.email, hasServer: notify.mail !== undefined },
        secrets,
        say,
      );
    });
    reach.set(id, {
      channels: [...new Map(found.map((channel) => [channel.id, channel])).values()],
      ...(quiet === undefined
        ? {}
        : {
            quiet: { from: minutesOf(quiet.from) ?? 0, to: minutesOf(quiet.to) ?? 0, zone: quiet.zone },
          }),
    });
  }
  const { push } = notify;
  return {
    mail: resolveMail(notify, secrets),
    push: push === undefined ? null : { contact: push.contact, services: push.services ?? PUSH_SERVICES },
    people: reach,
    backupAfterMs: durationMs(notify.backupAfter),
    roleAfterMs: durationMs(notify.roleAfter),
    role: notify.role,
    pageEveryMs: durationMs(notify.pageEvery),
  };
}

const NOBODY: NotifyPlace = {
  mail: null,
  push: null,
  people: new Map(),
  backupAfterMs: LIMITS.backupAfterMs,
  roleAfterMs: LIMITS.roleAfterMs,
  role: 'security',
  pageEveryMs: LIMITS.pageEveryMs,
};

function resolveMail({ mail }: NotifyConfiguration, secrets: Secrets): MailPlace | null {
  if (mail === undefined) return null;
  const { protocol, hostname, port } = new URL(mail.server);
  const secure = protocol === 'smtps:';
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    from: mail.from,
    ...(mail.user === undefined || mail.password === undefined
      ? {}
      : { user: mail.user, password: secrets.resolve(mail.password, ['notify', 'mail', 'password']) }),
  };
}

type ChannelSetting = NotifyConfiguration['people'][string]['channels'][number];

/** Where a channel stands in the configuration, and what it may lean on there. */
interface ChannelPlace {
  readonly path: Path;
  /** The person's own address. */
  readonly email: string | undefined;
  /** Whether there is a mail server. */
  readonly hasServer: boolean;
}

function resolveChannel(
  { mail, ntfy, slack, webhook, token, secret }: ChannelSetting,
  { path, email, hasServer }: ChannelPlace,
  secrets: Secrets,
  say: Say,
): Channel[] {
  if (mail !== undefined) {
    const to = mail === true ? email : mail;
    if (to === undefined) say([...path, 'mail'], 'has no address: give one here, or this person an `email`');
    if (!hasServer) say([...path, 'mail'], 'needs `notify.mail`, the server that sends it');
    return to === undefined ? [] : [{ id: idOf('mail', to), kind: 'mail', to }];
  }
  const addressOf = (kind: string, setting: string): string => {
    const url = secrets.resolve(setting, [...path, kind]);
    // Where secrets are not looked up, there is nothing to look at.
    if (url !== '' && !(URL.canParse(url) && /^https:|^http:\/\/(127\.|localhost[:/]|\[::1\])/.test(url)))
      say([...path, kind], 'names something that is no https address');
    return url;
  };
  if (slack !== undefined) {
    const url = addressOf('slack', slack);
    return [{ id: idOf('slack', url), kind: 'slack', url }];
  }
  if (ntfy !== undefined) {
    const url = addressOf('ntfy', ntfy);
    const bearer = token === undefined ? {} : { token: secrets.resolve(token, [...path, 'token']) };
    return [{ id: idOf('ntfy', url), kind: 'ntfy', url, ...bearer }];
  }
  const url = addressOf('webhook', webhook ?? '');
  const written = secrets.resolve(secret ?? '', [...path, 'secret']);
  const key = readWebhookSecret(written);
  if (key === null && written !== '')
    say([...path, 'secret'], 'must hold `whsec_` and 24 to 64 bytes in base64 (Standard Webhooks)');
  return [{ id: idOf('webhook', url), kind: 'webhook', url, secret: key ?? new Uint8Array() }];
}

/** Names a channel in the log without its address, and the same after its place in the file has changed. */
function idOf(kind: string, address: string): string {
  return `${kind}-${createHash('sha256').update(address).digest('hex').slice(0, 8)}`;
}
