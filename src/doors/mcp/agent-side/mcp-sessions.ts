import { randomUUID } from 'node:crypto';
import { BriefMap } from '../../../base/brief-map.ts';
import type { Clock } from '../../../base/clock.ts';
import { type Problem, problem } from '../../../base/errors.ts';
import type { Ids } from '../../../base/ids.ts';
import { LIMITS } from '../../../base/limits.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { ClientCan } from '../../../model/ask.ts';
import type { Caller } from '../../../pipeline/ports/call.ts';
import type { Corridor } from '../../../pipeline/ports/corridor.ts';
import { ClientAsks } from './client-asks.ts';
import type { Settings } from './dispatch.ts';
import { EventStream } from './event-stream.ts';
import type { Requests } from './requests.ts';
import { ResumableStreams } from './resumable-streams.ts';
import { SessionListener } from './session-listener.ts';

/** A session of 2025-11-25 or 2025-06-18. It belongs to one agent and one path. */
export interface McpSession {
  /** `Mcp-Session-Id`: from a secure generator (2025-11-25 Transports, "Session Management"), and in no log. */
  readonly key: string;
  readonly agent: string;
  readonly upstream: string | null;
  /** The negotiated protocol version. */
  readonly version: string;
  /** The session of its actions, as the log names it. */
  readonly actions: string;
  readonly running: Requests;
  readonly settings: Settings;
  /** What its client said it can be asked, and what it is being asked. */
  readonly can: ClientCan;
  readonly asks: ClientAsks;
  readonly events: EventStream;
  /** The streams that answer its POSTs, among those of its agent. */
  readonly streams: ResumableStreams;
  readonly listener: SessionListener;
}

export interface McpSessions {
  /** Refused at LIMITS.sessionsPerAgent sessions of one agent that are not idle. */
  open(caller: Caller, upstream: string | null, version: string, can: ClientCan): Result<McpSession, Problem>;
  /** Refused alike for a session that is over, never was, or is another agent's or path's: nothing to learn. */
  find(caller: Caller, upstream: string | null, key: string): Result<McpSession, Problem>;
  /** Ends a found session; what runs in it is aborted. */
  end(session: McpSession): void;
  /** Ends the event stream of every session. */
  closeStreams(): void;
}

interface Kept extends McpSession {
  lastMs: number;
  /** When its event stream was last seen open. */
  heardMs: number;
}

/** `lingerMs`: for tests; LIMITS.streamLingerMs otherwise. */
export function createMcpSessions(
  corridor: Corridor,
  ids: Ids,
  clock: Clock,
  lingerMs?: number,
): McpSessions {
  return new Sessions(corridor, ids, clock, lingerMs);
}

class Sessions implements McpSessions {
  readonly #corridor: Corridor;
  readonly #ids: Ids;
  readonly #clock: Clock;
  readonly #byKey = new Map<string, Kept>();
  readonly #byAgent = new Map<string, Set<Kept>>();
  readonly #streams = new Map<string, ResumableStreams>();
  readonly #lingerMs: number | undefined;
  #sweep: NodeJS.Timeout | null = null;

  constructor(corridor: Corridor, ids: Ids, clock: Clock, lingerMs: number | undefined) {
    this.#corridor = corridor;
    this.#ids = ids;
    this.#clock = clock;
    this.#lingerMs = lingerMs;
  }

  open(
    { agent }: Caller,
    upstream: string | null,
    version: string,
    can: ClientCan,
  ): Result<McpSession, Problem> {
    const nowMs = this.#clock.monotonicMs();
    let own = this.#byAgent.get(agent);
    if (own === undefined) {
      own = new Set();
      this.#byAgent.set(agent, own);
    }
    for (const session of own) if (isOver(session, nowMs)) this.#remove(session);
    if (own.size >= LIMITS.sessionsPerAgent)
      return err(problem('TOO_MANY_SESSIONS', { limit: LIMITS.sessionsPerAgent }));
    const session: Kept = {
      key: randomUUID(),
      agent,
      upstream,
      version,
      running: new BriefMap(),
      can,
      streams: this.#streamsOf(agent),
      ...this.#parts(upstream),
      lastMs: nowMs,
      heardMs: nowMs,
    };
    this.#byKey.set(session.key, session);
    own.add(session);
    this.#sweep ??= setInterval(() => this.#endIdle(), LIMITS.listenerSweepMs).unref();
    return ok(session);
  }

  find(caller: Caller, upstream: string | null, key: string): Result<McpSession, Problem> {
    const session = this.#byKey.get(key);
    if (session === undefined || session.agent !== caller.agent || session.upstream !== upstream)
      return err(problem('UNKNOWN_SESSION'));
    const nowMs = this.#clock.monotonicMs();
    if (isOver(session, nowMs)) {
      this.#remove(session);
      return err(problem('UNKNOWN_SESSION'));
    }
    session.lastMs = nowMs;
    return ok(session);
  }

  end(session: McpSession): void {
    const kept = this.#byKey.get(session.key);
    if (kept !== undefined) this.#remove(kept);
    for (const running of session.running.values()) running.abort();
    session.asks.close();
  }

  closeStreams(): void {
    for (const session of this.#byKey.values()) session.events.close();
  }

  #streamsOf(agent: string): ResumableStreams {
    const known = this.#streams.get(agent);
    if (known !== undefined) return known;
    const streams = new ResumableStreams(this.#lingerMs);
    this.#streams.set(agent, streams);
    return streams;
  }

  #parts(upstream: string | null): Pick<McpSession, 'actions' | 'asks' | 'settings' | 'events' | 'listener'> {
    const settings: Settings = { logLevel: undefined };
    const events = new EventStream('all');
    const actions = this.#ids();
    const listener = new SessionListener(this.#corridor, {
      session: actions,
      upstream,
      settings,
      tell: (text) => events.push(text),
      end: () => events.close(),
    });
    const asks = new ClientAsks((text) => events.push(text));
    return { actions, asks, settings, events, listener };
  }

  #remove(session: Kept): void {
    this.#byKey.delete(session.key);
    this.#byAgent.get(session.agent)?.delete(session);
    session.listener.close();
    session.events.close();
    session.streams.endSession(session.key);
    if (this.#byKey.size > 0 || this.#sweep === null) return;
    clearInterval(this.#sweep);
    this.#sweep = null;
  }

  /** A session that hears keeps its upstream busy, so it is not left until somebody asks for it. */
  #endIdle(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const session of [...this.#byKey.values()]) {
      if (session.events.isOpen) session.heardMs = nowMs;
      else if (nowMs - session.heardMs >= LIMITS.listenerLingerMs) session.listener.close();
      if (isOver(session, nowMs)) this.#remove(session);
    }
  }
}

function isOver(session: Kept, nowMs: number): boolean {
  if (session.running.size > 0 || session.events.isOpen) return false;
  return nowMs - session.lastMs >= LIMITS.sessionIdleMs;
}
