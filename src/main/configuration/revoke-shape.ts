import { z } from 'zod';
import { LIMITS } from '../../base/limits.ts';
import { isLoopbackUrl, text } from './value-shapes.ts';

/** `upstreams.*.revoke` (docs/formats/containment.md). Secrets are named, `env:NAME` or `file:PATH`. */

const settings = z.record(z.string().min(1), z.string());
const timeout = z
  .string()
  .regex(/^[1-9]\d{0,2}s$/, { error: 'must be a number and s, such as 10s', abort: true })
  .refine(
    (value) => Number(value.slice(0, -1)) * 1000 <= LIMITS.revokeStepMostMs,
    `must be at most ${LIMITS.revokeStepMostMs / 1000}s`,
  );

const step = {
  command: z.array(text).min(1, 'needs a program').optional(),
  env: settings.optional(),
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address', abort: true })
    .refine((url) => !url.startsWith('http://') || isLoopbackUrl(url), 'must be https beyond loopback')
    .optional(),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  headers: settings.optional(),
  body: text.optional(),
  timeout: timeout.optional(),
};

type Step = { readonly [K in keyof typeof step]?: unknown };

const isOne = ({ command, url }: Step) => (command === undefined) !== (url === undefined);
const ONE = { error: 'needs either `command` (a program) or `url`, and not both' };
const belongs = ({ command, env, method, headers, body }: Step) =>
  command === undefined
    ? env === undefined
    : method === undefined && headers === undefined && body === undefined;
const BELONGS = { error: '`env` belongs to a `command`; `method`, `headers` and `body` to a `url`' };

/** How the secret of an upstream is revoked, and the harmless read that must be refused from then on. */
export const revokeShape = z
  .strictObject({
    ...step,
    verify: z.strictObject(step).refine(isOne, ONE).refine(belongs, BELONGS).optional(),
  })
  .refine(isOne, ONE)
  .refine(belongs, BELONGS);

export type RevokeConfiguration = z.output<typeof revokeShape>;
export type StepConfiguration = Omit<RevokeConfiguration, 'verify'>;
