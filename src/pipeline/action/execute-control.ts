import { abortSignalOf } from '../../base/cancel.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Action } from '../../model/action.ts';
import { CAN_NOTHING, type ClientCan } from '../../model/ask.ts';
import type { LogLevel } from '../../model/log-level.ts';
import { type Asked, relayAsk } from '../asks/ask.ts';
import type { Said } from '../ports/answer.ts';
import type { CallControl } from '../ports/call.ts';
import type { ExecuteControl } from '../ports/upstream.ts';
import { scrubJson } from '../recording/scrub.ts';
import type { Rooms } from '../rooms.ts';
import { cleanMessage } from '../told/log-message.ts';
import { refusalOfAddress } from './connect.ts';
import { whyNotNow } from './why-not-now.ts';

/** Whoever is behind a call, as far as it can be asked something while the call runs. */
export interface AskedClient {
  readonly can: ClientCan;
  /** Never rejects; `signal` ends the asking. */
  ask(asked: Asked, signal: AbortSignal): Promise<Said>;
}

function clientOf({ ask, can = CAN_NOTHING }: CallControl): AskedClient {
  if (ask === undefined) return { can: CAN_NOTHING, ask: () => Promise.resolve({ kind: 'gone' }) };
  return { can, ask: (asked, signal) => ask(asked.ask, signal) };
}

/**
 * What an upstream client is given with an order: where to report progress and log messages, scrubbed like an answer (P8),
 * and how to ask the client something. The catalog says where an operation's result comes from; progress and messages are
 * no result, so their text counts as a stranger's.
 */
export function executeControl(
  rooms: Rooms,
  action: Action,
  control: CallControl,
  client: AskedClient = clientOf(control),
): ExecuteControl {
  const { signal, onProgress, onMessage, logLevel, watch, onBroken, can, openTunnel } = control;
  return {
    signal,
    onProgress:
      onProgress === undefined
        ? undefined
        : (params) => {
            if (params['message'] !== undefined) rooms.marks.told(action.id, ['untrusted']);
            onProgress(scrubJson(rooms.scrubber, params));
          },
    onMessage: onMessage === undefined ? undefined : cleanMessages(rooms, action, onMessage, logLevel),
    logLevel,
    watch,
    can,
    onBroken,
    tunnel:
      openTunnel === undefined
        ? undefined
        : {
            admit: (address) => refusalOfAddress(rooms, rooms.inForce(), action, address),
            open: openTunnel,
          },
    asker: `${action.agent} ${action.session}`,
    onAsk: (method, params, asking) =>
      relayAsk(rooms, action, client, {
        method,
        params,
        signal: AbortSignal.any([asking, abortSignalOf(signal)]),
      }),
  };
}

/** Log messages of one call: bounded in number, and none while the agent is stopped. */
function cleanMessages(
  rooms: Rooms,
  action: Action,
  tell: (params: JsonObject) => void,
  least: LogLevel | undefined,
): (params: JsonObject) => void {
  let told = 0;
  return (params) => {
    if (told >= LIMITS.messagesPerCall || whyNotNow(rooms, action.agent, action) !== null) return;
    const message = cleanMessage(rooms, params, least);
    if (message === null) return;
    told++;
    rooms.marks.told(action.id, ['untrusted']);
    tell(message);
  };
}
