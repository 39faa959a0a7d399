import type { Duplex } from 'node:stream';
import type { CancelSignal } from '../../base/cancel.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Ask, ClientCan } from '../../model/ask.ts';
import type { LogLevel } from '../../model/log-level.ts';
import type { Said } from './answer.ts';

export type { Generation } from '../../intake/revision.ts';

/** Who is calling, once authenticated. `token` names the token without being it. */
export interface Caller {
  readonly agent: string;
  readonly token: string;
  /** Of a program under `run`: names the run's own token, which was exchanged for that one. */
  readonly ofRun?: string;
}

/** The abort reason when Lanyard itself ends: unlike a client that left, whoever waits is still there and is answered. */
export const ENDING = new Error('Lanyard is stopping');

/** Whether whoever asked waits no more. */
export function isUnheard({ aborted, reason }: CancelSignal): boolean {
  return aborted && reason !== ENDING;
}

export interface CallControl {
  /** Aborted when the client cancels or goes away, or with ENDING. */
  readonly signal: CancelSignal;
  /** `notifications/progress` params of the upstream, without `progressToken`. Absent: the client asked for none. */
  readonly onProgress?: ((params: JsonObject) => void) | undefined;
  /** `notifications/message` params of the upstream about this call. Absent: the client wants none. */
  readonly onMessage?: ((params: JsonObject) => void) | undefined;
  /** The least severe of them that is wanted; absent: what the upstream sends by itself. */
  readonly logLevel?: LogLevel | undefined;
  /** What this client said it can be asked. Absent: nothing. */
  readonly can?: ClientCan | undefined;
  /**
   * Asks the client on the stream of this very call (the older generation), under an id of the door's own. Absent: it
   * is asked by the answer (2026-07-28). Never rejects; `signal` ends the asking.
   */
  readonly ask?: ((ask: Ask, signal: AbortSignal) => Promise<Said>) | undefined;
  /** Of a subscription: who is told of changes. */
  readonly watch?: Watch | undefined;
  /** Called when the upstream closed the stream on which it was to answer; the answer is awaited on another one. */
  readonly onBroken?: (() => void) | undefined;
  /** For a tunnel: tells its client that the way is open, and returns the client's end of it. Called once at most. */
  readonly openTunnel?: (() => Duplex) | undefined;
}

/** One subscription to one resource, as the keeper of the upstream's session sees it. */
export interface Watch {
  /** Aborted when nobody wants to hear of it any more. */
  readonly ended: AbortSignal;
  updated(): void;
  /** The upstream or its session ended it: nothing will come any more. */
  lost(): void;
}
