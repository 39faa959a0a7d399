import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../../../base/json.ts';
import type { ErrorMessage, ResultMessage } from '../../../intake/message.ts';
import type { Ask } from '../../../model/ask.ts';
import type { Said } from '../../../pipeline/ports/answer.ts';
import { notificationText } from './wire.ts';

/**
 * What one client of the older generation is being asked: in one session, or on one stdio connection, so that nobody
 * else can answer. Ids are random, are used once, and name nothing of the upstream's.
 */
export class ClientAsks {
  readonly #waiting = new Map<string, (said: Said) => void>();
  readonly #tell: (text: string) => void;

  /** `tell` is given what belongs to no request any more. */
  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** `send` answers false where nothing reaches the client any more. Never rejects. */
  ask({ method, params }: Ask, signal: AbortSignal, send: (text: string) => boolean): Promise<Said> {
    const id = `lanyard-${randomBytes(16).toString('base64url')}`;
    const worded = wordedFor2025(params);
    return new Promise((resolve) => {
      const onAbort = () => {
        const reason = 'it is not waited for any more';
        send(notificationText('notifications/cancelled', { requestId: id, reason }));
        settle({ kind: 'gone' });
      };
      const settle = (said: Said) => {
        this.#waiting.delete(id);
        signal.removeEventListener('abort', onAbort);
        resolve(said.kind === 'result' ? { ...said, ...this.#completion(worded) } : said);
      };
      if (signal.aborted || !send(requestText(id, { method, params: worded }))) {
        resolve({ kind: 'gone' });
        return;
      }
      this.#waiting.set(id, settle);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Takes an answer; false where nothing was asked under that id (any more). */
  take(message: ResultMessage | ErrorMessage): boolean {
    const settle = typeof message.id === 'string' ? this.#waiting.get(message.id) : undefined;
    if (settle === undefined) return false;
    settle(
      message.kind === 'result'
        ? { kind: 'result', result: message.result }
        : { kind: 'error', error: message.error },
    );
    return true;
  }

  #completion({ elicitationId }: JsonObject): Pick<Extract<Said, { kind: 'result' }>, 'completed'> {
    if (elicitationId === undefined) return {};
    return {
      completed: () => this.#tell(notificationText('notifications/elicitation/complete', { elicitationId })),
    };
  }

  /** The client is gone. */
  close(): void {
    for (const settle of [...this.#waiting.values()]) settle({ kind: 'gone' });
  }
}

/**
 * 2025-11-25 wants an `elicitationId` beside an address; 2025-06-18 knows no `mode`, and a form needs none. The id is
 * ours and names nothing: the upstream's own would mean something to it.
 */
function wordedFor2025(params: JsonObject): JsonObject {
  if (params['mode'] === 'url') return { ...params, elicitationId: randomBytes(16).toString('base64url') };
  if (params['mode'] !== 'form') return params;
  const { mode: _, ...form } = params;
  return form;
}

function requestText(id: string, { method, params }: Ask): string {
  const rest = Object.keys(params).length === 0 ? '' : `,"params":${JSON.stringify(params)}`;
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":${JSON.stringify(method)}${rest}}`;
}
