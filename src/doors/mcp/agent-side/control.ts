import type { JsonObject } from '../../../base/json.ts';
import type { CallControl } from '../../../pipeline/ports.ts';
import type { Cancel } from './cancel.ts';
import { notificationText, type RequestId } from './wire.ts';

/** What the corridor is given for one call: its signal, and progress under the client's own token if it gave one. */
export function makeControl(
  cancel: Cancel,
  progressToken: RequestId | undefined,
  send: (notification: string) => void,
): CallControl {
  if (progressToken === undefined) {
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
    onProgress: (params: JsonObject) =>
      send(notificationText('notifications/progress', { ...params, progressToken })),
  };
}
