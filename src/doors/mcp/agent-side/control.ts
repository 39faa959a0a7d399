import type { Cancel, CancelSignal } from '../../../base/cancel.ts';
import type { JsonObject } from '../../../base/json.ts';
import type { ClientCan } from '../../../model/ask.ts';
import type { LogLevel } from '../../../model/log-level.ts';
import type { CallControl } from '../../../pipeline/ports/call.ts';
import type { ClientAsks } from './client-asks.ts';
import { notificationText, type RequestId } from './wire.ts';

/** What a client wants to be told while one of its requests runs. */
export interface Wanted {
  readonly progressToken?: RequestId | undefined;
  /** Log messages, of at least this level where one was named; absent: none. */
  readonly log?: { readonly level?: LogLevel | undefined } | undefined;
}

/** Who is behind a request, as far as it can be asked something. */
export interface Behind {
  readonly can: ClientCan;
  /** Absent where a client is asked by the answer (2026-07-28). */
  readonly asks?: ClientAsks;
}

/**
 * What the corridor is given for one call: its signal, what the client wants to be told on the way, and the way to ask
 * back. `send` answers false where nothing reaches the client any more; what is droppable is not kept for a client that
 * does not read. `onBroken`: see CallControl.
 */
export function makeControl(
  cancel: Cancel,
  wanted: Wanted,
  behind: Behind,
  send: (text: string, droppable: boolean) => boolean,
  onBroken?: () => void,
): CallControl {
  return new Control(cancel, wanted, behind, send, onBroken);
}

/**
 * A class and no literal: V8 makes a hidden class of its own for each literal with a getter, and the getter in it holds
 * the whole request until the next whole collection (measured: 2.4 KB of each call, copied twice).
 */
class Control implements CallControl {
  readonly can: ClientCan;
  readonly onProgress: CallControl['onProgress'];
  readonly onMessage: CallControl['onMessage'];
  readonly logLevel: LogLevel | undefined;
  readonly onBroken: (() => void) | undefined;
  readonly ask: CallControl['ask'];
  readonly #cancel: Cancel;

  constructor(
    cancel: Cancel,
    { progressToken, log }: Wanted,
    { can, asks }: Behind,
    send: (text: string, droppable: boolean) => boolean,
    onBroken: (() => void) | undefined,
  ) {
    const tell = (method: string, params: JsonObject): void => {
      send(notificationText(method, params), true);
    };
    this.#cancel = cancel;
    this.can = can;
    this.onProgress =
      progressToken === undefined
        ? undefined
        : (params) => tell('notifications/progress', { ...params, progressToken });
    this.onMessage = log === undefined ? undefined : (params) => tell('notifications/message', params);
    this.logLevel = log?.level;
    this.onBroken = onBroken;
    this.ask =
      asks === undefined ? undefined : (ask, signal) => asks.ask(ask, signal, (text) => send(text, false));
  }

  get signal(): CancelSignal {
    return this.#cancel;
  }
}
