import { LIMITS } from '../../../base/limits.ts';
import type { AskKind } from '../../../model/ask.ts';

/** What an upstream is told that it may ask, at every handshake: the same for all its sessions, so that all list alike. */
export type Asking = {
  readonly may: readonly AskKind[];
  /** Whether it may send a person to an address at all. */
  readonly opens: boolean;
  /** The directories that it serves: what it is answered when it asks for roots. */
  readonly roots: readonly string[];
};

/** A server that is started as a child process. Everything in it is resolved already: no names, no secrets to look up. */
export interface StdioUpstream {
  readonly id: string;
  readonly kind: 'stdio';
  /** The program, resolved, and its arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** The child's complete environment: nothing is added to it. */
  readonly env: Readonly<Record<string, string>>;
  /** One process for all agents and for the pins. */
  readonly shared: boolean;
  /** Absent: nothing. */
  readonly asking?: Asking;
}

/** A server that is reached over Streamable HTTP. */
export interface HttpUpstream {
  readonly id: string;
  readonly kind: 'http';
  readonly url: string;
  /** Sent with every request; secrets stand here in the clear. Headers of the protocol itself are not overridden. */
  readonly headers: Readonly<Record<string, string>>;
  /** One session per generation for all agents and for the pins. */
  readonly shared: boolean;
  /** Absent: nothing. */
  readonly asking?: Asking;
}

export type UpstreamConfig = StdioUpstream | HttpUpstream;

/** The bounds of this room, out of base/limits.ts; tests set smaller ones. */
export interface UpstreamLimits {
  readonly messageBytes: number;
  readonly streamBytes: number;
  readonly callsPerSession: number;
  readonly streamsPerCall: number;
  readonly connections: number;
  readonly strayMessages: number;
  readonly stderrBytes: number;
  readonly definitions: number;
  readonly listPages: number;
  readonly listBytes: number;
  readonly connectMs: number;
  readonly probeMs: number;
  readonly callMs: number;
  readonly pinCheckMs: number;
  readonly relistGapMs: number;
  readonly idleMs: number;
  readonly backoffMs: { readonly first: number; readonly most: number };
  readonly backoffWaitMs: number;
  readonly childEndMs: { readonly closed: number; readonly terminated: number };
}

export const upstreamLimits: UpstreamLimits = {
  messageBytes: LIMITS.upstreamMessageBytes,
  streamBytes: LIMITS.upstreamStreamBytes,
  callsPerSession: LIMITS.callsPerUpstreamSession,
  streamsPerCall: LIMITS.streamsPerUpstreamCall,
  connections: LIMITS.upstreamConnections,
  strayMessages: LIMITS.strayUpstreamMessages,
  stderrBytes: LIMITS.stderrBytes,
  definitions: LIMITS.definitionsPerUpstream,
  listPages: LIMITS.listPages,
  listBytes: LIMITS.upstreamListBytes,
  connectMs: LIMITS.connectMs,
  probeMs: LIMITS.probeMs,
  callMs: LIMITS.upstreamCallMs,
  pinCheckMs: LIMITS.pinCheckMs,
  relistGapMs: LIMITS.relistGapMs,
  idleMs: LIMITS.upstreamIdleMs,
  backoffMs: LIMITS.restartBackoffMs,
  backoffWaitMs: LIMITS.restartWaitMs,
  childEndMs: LIMITS.childEndMs,
};
