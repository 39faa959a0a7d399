import { z } from 'zod';
import { durationMs } from '../../base/duration.ts';
import { LIMITS } from '../../base/limits.ts';
import { ASK_KINDS } from '../../model/ask.ts';
import { ROLES } from '../../model/person.ts';
import { agentShape } from './agent-shape.ts';
import { notifyShape, stopChannelShape } from './notify-shape.ts';
import { revokeShape } from './revoke-shape.ts';
import { duration, id, text } from './value-shapes.ts';

/** lanyard.yaml as a person writes it (docs/formats/interface.md, Configuration). Unknown keys are refused everywhere. */

const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):\d{1,5}$/, { error: 'must be HOST:PORT', abort: true })
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'has a port beyond 65535');

const host = z
  .string()
  .regex(
    /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    'must be a host in small letters, such as example.org or *.example.org',
  );

const person = z.strictObject({
  id,
  name: text,
  email: z
    .string()
    .regex(/^[^@\s]+@[^@\s]+$/, 'must be an address')
    .optional(),
  /** Who is named and given no roles is here to own agents. */
  roles: z.array(z.enum(ROLES)).default(['owner']),
  /** Has left, or must not act any more. */
  disabled: z.boolean().optional(),
});

const settings = z.record(z.string().min(1), z.string());

const upstream = z
  .strictObject({
    command: z.array(text).min(1, 'needs a program').optional(),
    cwd: text.optional(),
    env: settings.default({}),
    url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
    headers: settings.default({}),
    catalog: text.optional(),
    shared: z.boolean().default(false),
    may: z.array(z.enum(ASK_KINDS)).default([]),
    /** Hosts that its elicitations may send a person to. */
    mayOpen: z.array(host).optional(),
    revoke: revokeShape.optional(),
  })
  .refine((value) => (value.command === undefined) !== (value.url === undefined), {
    error: 'needs either `command` (a program) or `url`, and not both',
  })
  .refine(
    (value) => value.url === undefined || (value.cwd === undefined && Object.keys(value.env).length === 0),
    {
      error: '`cwd` and `env` belong to a `command`',
    },
  )
  .refine((value) => value.command === undefined || Object.keys(value.headers).length === 0, {
    error: '`headers` belong to a `url`',
  })
  .refine((value) => value.mayOpen === undefined || value.may.includes('elicitation'), {
    error: '`mayOpen` belongs to `may: [elicitation]`',
  });

export const configurationShape = z.strictObject({
  listen: address.default('127.0.0.1:7700'),
  control: address.optional(),
  brake: address.optional(),
  publicUrl: z.url().optional(),
  tls: z.strictObject({ cert: text, key: text }).optional(),
  behindProxy: z.boolean().default(false),
  egress: address.optional(),
  state: text.default('./state'),
  people: z.array(person).default([]),
  agents: z.array(agentShape).default([]),
  points: z.array(z.strictObject({ id, agents: z.array(id) })).default([]),
  upstreams: z.record(z.string(), upstream).default({}),
  packs: z.array(text).default([]),
  policies: z.array(text).default([]),
  catalog: z.array(text).default([]),
  /** How often each agent's stop is rehearsed. */
  drills: z.strictObject({ every: duration() }).optional(),
  approvals: z
    .strictObject({
      /** How long a call is held for a person's answer. */
      hold: z
        .string()
        .regex(/^\d{1,3}[sm]$/, { error: 'must be a number and s or m, such as 40s', abort: true })
        .refine((text) => durationMs(text) <= LIMITS.approvalHoldMostMs, 'must be at most 10m')
        .optional(),
    })
    .optional(),
  retention: z.strictObject({ bodies: duration().default('30d') }).prefault({}),
  /** Regular expressions of values that are never stored, besides those that redaction knows by itself. */
  redact: z.array(text).default([]),
  telemetry: z
    .strictObject({
      otlp: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
      headers: settings.default({}),
    })
    .optional(),
  notify: notifyShape.optional(),
  /** A topic of ntfy that is read for stops (docs/operating/stop.md). */
  stopChannel: stopChannelShape.optional(),
  /** Whether anybody who reaches `listen` reads the log there (docs/formats/log.md): its tree, and its entries. */
  log: z.strictObject({ public: z.boolean().default(false) }).optional(),
  witness: z
    .array(z.union([text, z.strictObject({ url: text, reason: text })]))
    .max(LIMITS.witnesses, `names more than ${LIMITS.witnesses}`)
    .default([]),
});

/** The configuration with every default filled in; paths and secrets still as written. */
export type Configuration = z.infer<typeof configurationShape>;
export type UpstreamConfiguration = Configuration['upstreams'][string];
