import type { CancelSignal } from '../../../base/cancel.ts';
import type { Problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import type { LogLevel } from '../../../model/log-level.ts';
import type { Generation } from '../../../pipeline/ports/call.ts';
import type { ExecuteControl, Reply } from '../../../pipeline/ports/upstream.ts';

/** One request to an upstream. A channel sends it at most once, whatever happens. */
export interface Call {
  readonly method: string;
  /** JSON text of `params` without `_meta`; an object. Sent exactly so. */
  readonly paramsText: string;
  /** What `Mcp-Name` says (2026-07-28 over HTTP). */
  readonly name?: string | undefined;
  /** Further headers of this call, `Mcp-Param-*` (2026-07-28 over HTTP). */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Asked once, synchronously, right before the first byte of this request is written. A Problem: not a byte leaves.
   * Absent: the request is our own (a handshake, a list) and executes nothing.
   */
  readonly admit?: () => Problem | null;
  readonly signal?: CancelSignal | undefined;
  readonly onProgress?: ((params: JsonObject) => void) | undefined;
  /** Told of further notifications that came on this call's own stream, or name it. True: it has taken this one. */
  readonly onNotification?: ((method: string, params: JsonObject) => boolean) | undefined;
  /** What the server is to log for this call (2026-07-28). */
  readonly logLevel?: LogLevel | undefined;
  /** JSON text of what the server is told that the client of this call can be asked (2026-07-28); absent: nothing. */
  readonly capabilities?: string | undefined;
  readonly onAsk?: ExecuteControl['onAsk'];
  readonly asker?: string | undefined;
  readonly onBroken?: (() => void) | undefined;
  /** Whether it may be answered with a task. */
  readonly mayBeTask?: boolean | undefined;
  /** The upstream's own id of the task that it is about: what names it belongs to this call. */
  readonly task?: string;
  /** 0: as long as the channel lives (a subscription). */
  readonly timeoutMs: number;
}

/** Told of notifications that belong to no call. */
export type OnNotification = (method: string, params: JsonObject) => void;

/** One connection to one upstream in one generation: a child process, or a pool of HTTP connections with a session. */
export interface Channel {
  readonly generation: Generation;
  readonly alive: boolean;
  /** Calls waiting or under way. */
  readonly load: number;
  /** Whether it is a process that Lanyard started. */
  readonly isProcess: boolean;
  /** Whether its calls carry `name` and `headers`. */
  readonly headed: boolean;
  /** What the server is told that its client can be asked (capabilities.ts). */
  readonly capabilities: JsonObject;
  /** Settles once, with the reason, when nothing can be sent any more. */
  readonly ended: Promise<Problem>;
  /** Never rejects, except when `admit` throws (a bug of ours). */
  call(call: Call): Promise<Reply>;
  /** Resolves when it has been handed over; what becomes of it is not told. */
  notify(method: string, paramsText: string): Promise<void>;
  /** What the handshake agreed on; from now on a 2025 request over HTTP says so. */
  agree(version: string): void;
  /** Opens, once, what this transport needs to hear notifications outside of calls, where it needs anything. */
  hear(): void;
  /** Ends it; calls under way are lost. Resolves when its process or sockets are gone. `atOnce`: a process gets no time. */
  end(atOnce?: boolean): Promise<void>;
  /** What its process last wrote to stderr, unscrubbed; empty where there is no process. */
  stderr(): string;
}
