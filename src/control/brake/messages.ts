import type { MessagePort } from 'node:worker_threads';
import type { StopKey } from '../../pipeline/credentials/stop-keys.ts';
import type { OutsideStop } from '../../pipeline/stop/outside.ts';
import type { ChannelPlace } from './stop-channel.ts';

/** What the main thread knows that a person who stops wants to see. A second old at most, unless the main thread is busy. */
export type BrakeNews = {
  readonly atMs: number;
  readonly agents: readonly {
    readonly id: string;
    readonly owner: string;
    readonly level: string;
    readonly inFlight: number;
  }[];
  readonly upstreams: readonly string[];
  /** Tools, as rules name them. */
  readonly operations: readonly string[];
  /** Set levels, by scope. */
  readonly levels: Readonly<Record<string, string>>;
  /** How many of what runs, by its kind. */
  readonly alive: Readonly<Record<string, number>>;
};

/** What the main thread says of a stop once it got to it. */
export type StopReport = {
  /** Whether it is in the log. */
  readonly recorded: boolean;
  /** What was cut, a line each, in our words. */
  readonly cut: readonly string[];
};

/** Digest and person of every code that is good. */
export type StopCodeRows = readonly (readonly [digest: string, person: string])[];

/** What the thread stands on when it starts. */
export type BrakeStart = {
  /** One Int32, shared: how many stops were announced. */
  readonly word: Int32Array;
  readonly port: MessagePort;
  /** The state directory, and where stops are kept. */
  readonly state: string;
  readonly stops: string;
  readonly place: BrakePlace | null;
  /** It has listened before: where it cannot now, it goes on trying. */
  readonly isBack: boolean;
  readonly keys: readonly StopKey[];
  readonly codes: StopCodeRows;
  readonly channel: ChannelPlace | null;
  readonly news: BrakeNews;
};

/** Where the brake listens, and under which names. */
export type BrakePlace = {
  readonly host: string;
  readonly port: number;
  /** Host names besides addresses and `localhost`. */
  readonly names: readonly string[];
  readonly tls?: { readonly cert: string; readonly key: string };
};

export type ToThread =
  | { readonly kind: 'keys'; readonly keys: readonly StopKey[] }
  | { readonly kind: 'codes'; readonly codes: StopCodeRows }
  | { readonly kind: 'channel'; readonly channel: ChannelPlace | null }
  | { readonly kind: 'news'; readonly news: BrakeNews }
  | { readonly kind: 'report'; readonly id: string; readonly report: StopReport }
  | { readonly kind: 'close' };

export type FromThread =
  | { readonly kind: 'ready'; readonly port: number | null }
  | { readonly kind: 'failed'; readonly why: string }
  /** It was lost and is back, and cannot listen yet: it goes on trying. */
  | { readonly kind: 'unreachable'; readonly why: string }
  /** A bearer of ours that is no stop key. */
  | { readonly kind: 'refused'; readonly bearer: string }
  /** Of the channel: why it cannot be read; null: it can be again. */
  | { readonly kind: 'channel'; readonly trouble: string | null }
  | { readonly kind: 'log'; readonly line: string };

export type { OutsideStop };
