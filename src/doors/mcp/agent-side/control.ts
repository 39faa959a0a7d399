import type { JsonObject } from '../../../base/json.ts';
import type { LogLevel } from '../../../model/log-level.ts';
import type { CallControl } from '../../../pipeline/ports.ts';
import type { Cancel } from './cancel.ts';
import { notificationText, type RequestId } from './wire.ts';

/** What a client wants to be told while one of its requests runs. */
export interface Wanted {
  readonly progressToken?: RequestId | undefined;
  /** Log messages, of at least this level where one was named; absent: none. */
  readonly log?: { readonly level?: LogLevel | undefined } | undefined;
}

/** What the corridor is given for one call: its signal, and what the client wants to be told on the way. */
export function makeControl(
  cancel: Cancel,
  { progressToken, log }: Wanted,
  send: (notification: string) => void,
): CallControl {
  if (progressToken === undefined && log === undefined) {
    return {
      get signal() {
        return cancel.signal;
      },
    };
  }
  return {
    get signal() {
      return cancel.signal;
    },
    ...(progressToken === undefined
      ? {}
      : {
          onProgress: (params: JsonObject) =>
            send(notificationText('notifications/progress', { ...params, progressToken })),
        }),
    ...(log === undefined
      ? {}
      : { onMessage: (params: JsonObject) => send(notificationText('notifications/message', params)) }),
    ...(log?.level === undefined ? {} : { logLevel: log.level }),
  };
}
