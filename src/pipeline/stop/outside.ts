import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Scope } from '../../containment/levels.ts';
import type { Level } from '../../model/level.ts';

/** By what way a stop came that passed neither the doors, nor `control`, nor the operator socket. */
const WAYS = ['stop-key', 'stop-code', 'sentinel', 'signal'] as const;
type OutsideWay = (typeof WAYS)[number];

export const isOutsideWay = (text: unknown): text is OutsideWay => WAYS.some((way) => way === text);

/** One stop that came in from outside. */
export type OutsideStop = {
  /** ULID; the file that keeps it until it is in the log is named so. */
  readonly id: string;
  readonly scope: Scope;
  readonly level: Exclude<Level, 'live'>;
  readonly by: OutsideWay;
  /** Whose key or code it was. */
  readonly person?: string;
  /** Of a code: its digest, for it to be spent. */
  readonly code?: string;
  readonly why?: string;
};

/** What the halt switch looks at in every look. */
export interface Outside {
  /** Whether something came since it was taken last: one load of a shared word. */
  moved(): boolean;
  /** Takes what came, in this very tick. */
  take(): void;
}

/**
 * How a stop reaches the halt switch from another thread although the loop of this one is busy: the other thread posts
 * the stop and then adds one to a shared word; whoever looks at the switch sees that the word has moved and reads the
 * port synchronously. Nothing that was decided goes out between the two.
 */
export class OutsideLine implements Outside {
  readonly #word: Int32Array;
  readonly #port: MessagePort;
  readonly #on: (stop: OutsideStop) => void;
  readonly #onLost: () => void;
  #seen = 0;
  #heard = 0;

  /** `word`: one Int32 in shared memory, 0 at first. `onLost`: something was announced and is not there. */
  constructor(word: Int32Array, port: MessagePort, on: (stop: OutsideStop) => void, onLost: () => void) {
    this.#word = word;
    this.#port = port;
    this.#on = on;
    this.#onLost = onLost;
    // Where nobody looks at the switch, the loop is idle, and brings it.
    port.on('message', (stop: OutsideStop) => this.#hear(stop));
    port.unref();
  }

  moved(): boolean {
    return Atomics.load(this.#word, 0) !== this.#seen;
  }

  take(): void {
    // First: what follows looks at the switch itself.
    this.#seen = Atomics.load(this.#word, 0);
    for (;;) {
      const got = receiveMessageOnPort(this.#port) as { readonly message: OutsideStop } | undefined;
      if (got === undefined) break;
      this.#hear(got.message);
    }
    if (this.#heard < this.#seen) {
      this.#heard = this.#seen;
      this.#onLost();
    }
  }

  close(): void {
    this.#port.close();
  }

  #hear(stop: OutsideStop): void {
    this.#heard++;
    this.#on(stop);
  }
}

/** The other end, in the other thread. */
export function announce(word: Int32Array, port: MessagePort, stop: OutsideStop): void {
  port.postMessage(stop);
  Atomics.add(word, 0, 1);
}
