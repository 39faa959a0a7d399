import { z } from 'zod';
import { LIMITS } from '../../base/limits.ts';
import { ROLES } from '../../model/person.ts';
import { duration, id, isLoopbackUrl, text, time, zone } from './value-shapes.ts';

/** `notify:`, how people are reached (docs/formats/notify.md). Secrets are named, `env:NAME` or `file:PATH`. */

const reference = z
  .string()
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'must be named as `env:NAME` or `file:PATH`');
const mailbox = z.string().regex(/^[^@\s<>,;"]+@[^@\s<>,;"]+$/, 'must be an address');
/** Beyond loopback what is sent, and the token with it, must not travel in the clear. */
const address = z
  .union([reference, z.url({ protocol: /^https?$/ })], { error: 'must be an https address, or name one' })
  .refine((url) => !url.startsWith('http://') || isLoopbackUrl(url), 'must be https beyond loopback');

const KINDS = ['mail', 'ntfy', 'slack', 'webhook'] as const;

const channel = z
  .strictObject({
    mail: z
      .union([z.literal(true), mailbox], { error: 'must be an address, or true for her own' })
      .optional(),
    ntfy: address.optional(),
    slack: reference.optional(),
    webhook: address.optional(),
    /** Of `ntfy`. */
    token: reference.optional(),
    /** Of `webhook`. */
    secret: reference.optional(),
  })
  .refine((value) => KINDS.filter((kind) => value[kind] !== undefined).length === 1, {
    error: `needs one of ${KINDS.join(', ')}, and only one`,
  })
  .refine((value) => value.token === undefined || value.ntfy !== undefined, {
    error: '`token` belongs to `ntfy`',
  })
  .refine((value) => (value.secret !== undefined) === (value.webhook !== undefined), {
    error: '`webhook` and `secret` belong together: what arrives there must be signed',
  });

const person = z.strictObject({
  channels: z
    .array(channel)
    .max(LIMITS.channelsPerPerson, `names more than ${LIMITS.channelsPerPerson}`)
    .default([]),
  quiet: z
    .strictObject({
      from: time,
      to: time,
      zone: zone.default('UTC'),
    })
    .optional(),
});

export const notifyShape = z.strictObject({
  mail: z
    .strictObject({
      /** `smtps://HOST[:PORT]`, or `smtp://` for STARTTLS. */
      server: z.url({ protocol: /^smtps?$/, error: 'must be an smtps:// or smtp:// address' }),
      user: text.optional(),
      password: reference.optional(),
      from: mailbox,
    })
    .refine((value) => (value.user === undefined) === (value.password === undefined), {
      error: '`user` and `password` belong together',
    })
    .optional(),
  push: z
    .strictObject({
      contact: z.string().regex(/^(mailto:[^@\s]+@[^@\s]+|https:\/\/\S+)$/, 'must be mailto: or https'),
      services: z
        .array(z.union([pushHost(), z.url({ protocol: /^http$/ }).refine(isLoopbackUrl)]))
        .optional(),
    })
    .optional(),
  people: z.record(id, person).default({}),
  backupAfter: duration('5m').default('5m'),
  roleAfter: duration('5m').default('10m'),
  role: z.enum(ROLES).default('security'),
  pageEvery: duration('5m')
    .refine((value) => !/^[1-9]\d?s$/.test(value) || value === '60s', 'must be a minute at least')
    .default('5m'),
});

/** `stopChannel:`, the topic that a person's saved page sends to. */
export const stopChannelShape = z.strictObject({ url: address, token: reference.optional() });

export type NotifyConfiguration = z.infer<typeof notifyShape>;

function pushHost() {
  return z.string().regex(/^(\*\.)?[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+$/, 'must be a host in small letters');
}
