import type { ErrorCode } from '../base/errors.ts';

/** How an executed action ended. `aborted`: not a byte was sent. `unknown`: bytes had left, the end is not known. */
export interface Outcome {
  readonly outcome: 'ok' | 'failed' | 'aborted' | 'unknown';
  readonly code?: ErrorCode;
  /** Of an elicitation: what the person chose (accept, decline, cancel). */
  readonly answer?: string;
  readonly tunnel?: TunnelEnd;
}

/** How a tunnel ended, and what passed. Bytes are those of the program, without what opened it. */
export interface TunnelEnd {
  /** What was connected, as `address:port`. */
  readonly address: string;
  readonly sent: number;
  readonly received: number;
  readonly ended: 'agent' | 'host' | 'idle' | 'full' | 'cut' | 'broken';
}
