import type { IncomingMessage } from 'node:http';
import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Bearer } from '../../pipeline/credentials/tokens.ts';

/** The `Idempotency-Key` of a request; undefined: it has none. */
export function keyOf(req: IncomingMessage): string | undefined {
  const key = req.headers['idempotency-key'];
  return typeof key === 'string' ? key : undefined;
}

/**
 * Which access request each `Idempotency-Key` of a caller stands for (draft-ietf-httpapi-idempotency-key-header). To follow a
 * question twice does nothing twice, so nothing is kept of the answers, and a restart forgets the keys.
 */
export class RequestKeys {
  readonly #byCaller = new Map<string, Map<string, string>>();

  /** Why this key cannot stand for this question; null where it does from now on, or there is none. */
  whyNot(caller: Bearer, key: string | undefined, approval: string): Problem | null {
    if (key === undefined) return null;
    // Several of them come as one, joined by a comma and a space.
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) return problem('REQUEST_KEY_DIFFERS');
    const who = 'point' in caller ? `point ${caller.point}` : `agent ${caller.agent}`;
    const keys = this.#byCaller.get(who) ?? new Map<string, string>();
    this.#byCaller.set(who, keys);
    const known = keys.get(key);
    if (known !== undefined) return known === approval ? null : problem('REQUEST_KEY_DIFFERS');
    keys.set(key, approval);
    const [oldest] = keys.keys();
    if (keys.size > LIMITS.requestKeys && oldest !== undefined) keys.delete(oldest);
    return null;
  }
}
