import type { ServerResponse } from 'node:http';
import { Cancel, type CancelSignal } from '../../../base/cancel.ts';
import { problem } from '../../../base/errors.ts';
import { LIMITS } from '../../../base/limits.ts';
import { type CallControl, isUnheard } from '../../../pipeline/ports/call.ts';
import type { Flight, InFlight } from '../../http/in-flight.ts';
import { writeJson } from '../../http/write-json.ts';
import { type Behind, makeControl, type Wanted } from './control.ts';
import { type EventStream, STREAM_HEADERS } from './event-stream.ts';
import type { Requests } from './requests.ts';
import type { ResumableStreams } from './resumable-streams.ts';
import { type Answered, answerProblem, type RequestId } from './wire.ts';

type Headers = { readonly [name: string]: string };

/** How the answer of one POST may be taken up again, where it becomes a stream (2025-11-25, "Resumability"). */
export interface Resumable {
  readonly streams: ResumableStreams;
  /** The key of the session. */
  readonly session: string;
  /** Whether the client knows events without data, and so can be told an id before there is anything to tell. */
  readonly primes: boolean;
  /** Whether it would rather have a stream than one JSON body. */
  readonly prefersStream: boolean;
}

/**
 * One request over HTTP and its answer: one JSON body, or an event stream as soon as there is something to tell or the
 * answer takes long. A client that goes away cancels (2026-07-28 says so: "MUST be treated as cancellation"), unless it
 * has been given an event id to come back with: then it is waited for, and the call goes on, once.
 */
export class Exchange implements Flight {
  readonly #res: ServerResponse;
  readonly #inFlight: InFlight;
  readonly #cancel = new Cancel();
  #state: 'open' | 'streaming' | 'over' = 'open';
  #ticks = 0;
  #running: Requests | null = null;
  #runningAs: RequestId = 0;
  #id: RequestId | null = null;
  #resumable: Resumable | null = null;
  #streamHeaders: Headers = STREAM_HEADERS;
  #events: EventStream | null = null;
  #linger: NodeJS.Timeout | undefined;

  constructor(res: ServerResponse, inFlight: InFlight) {
    this.#res = res;
    this.#inFlight = inFlight;
    inFlight.add(this);
    res.once('close', () => this.#gone());
    // Gone between the last byte of the request and now: nobody would tell us any more.
    if (res.destroyed) this.#cancel.abort();
  }

  /** Stands among what runs in a session under the client's own id until it is over. No closure: see BriefMap. */
  runIn(running: Requests, id: RequestId, resumable: Resumable): void {
    running.set(id, this);
    this.#running = running;
    this.#runningAs = id;
    this.#resumable = resumable;
  }

  control(wanted: Wanted, behind: Behind): CallControl {
    if (this.#resumable?.prefersStream === true && this.#state === 'open') this.#stream();
    const onBroken = this.#resumable?.primes === true ? () => this.#rest() : undefined;
    const send = (text: string, droppable: boolean) => this.#tell(text, droppable);
    return makeControl(this.#cancel, wanted, behind, send, onBroken);
  }

  get signal(): CancelSignal {
    return this.#cancel;
  }

  tell(notification: string): void {
    void this.#tell(notification, true);
  }

  abort(reason?: Error): void {
    this.#cancel.abort(reason);
  }

  giveUp(): void {
    this.answer(answerProblem(this.#id, problem('SHUTTING_DOWN'), '2025'));
  }

  /** What a stream says in its head, where the answer becomes one: the answer itself comes too late for headers then. */
  headStream(headers: Headers): void {
    this.#streamHeaders = { ...STREAM_HEADERS, ...headers };
  }

  /** Whom it answers, for when nothing else does. */
  about(id: RequestId): void {
    this.#id = id;
  }

  /**
   * The first tick may come right after the start, so the stream begins at the second. Where nobody has read the last
   * comment none is added: the connection counts as stuck and is closed by the server.
   */
  tick(): void {
    this.#ticks++;
    if (this.#state === 'streaming') {
      if (this.#events === null && this.#res.writableLength === 0) this.#res.write(':\n\n');
    } else if (this.#state === 'open' && this.#ticks > 1) this.#stream();
  }

  answer(answered: Answered, headers?: Headers): void {
    if (this.#state === 'over') return;
    if (this.#state === 'open' && this.#resumable?.prefersStream === true && answered.status === 200)
      this.#stream();
    if (this.#events !== null) this.#finish(this.#events, answered.text);
    else if (this.#state === 'streaming') this.#res.end(eventText(answered.text));
    else writeJson(this.#res, answered, headers);
    this.#end();
  }

  #stream(): void {
    this.#state = 'streaming';
    if (this.#resumable !== null) {
      this.#events = this.#openEvents(this.#resumable);
      return;
    }
    this.#res.writeHead(200, this.#streamHeaders);
    this.#res.flushHeaders();
  }

  #openEvents({ streams, session, primes }: Resumable): EventStream {
    const events = streams.open(session);
    events.open(this.#res, this.#inFlight, undefined);
    events.onGone = () => this.#wait(events);
    events.onBack = () => clearTimeout(this.#linger);
    if (primes) events.prime();
    return events;
  }

  #finish(events: EventStream, text: string): void {
    events.onGone = () => undefined;
    events.finish(text);
    this.#resumable?.streams.keep(events);
  }

  /** The upstream let go of its stream, to give the answer when it is asked again: so does this end. */
  #rest(): void {
    if (this.#state === 'open') this.#stream();
    if (this.#state !== 'streaming' || this.#events?.isOpen !== true) return;
    this.#events.close();
    this.#wait(this.#events);
  }

  /** Its client is gone; one that has an id to come back with is waited for. */
  #wait(events: EventStream): void {
    if (this.#state === 'over') return;
    clearTimeout(this.#linger);
    if (!events.isResumable) this.#cancel.abort();
    else
      this.#linger = setTimeout(() => this.#cancel.abort(), this.#resumable?.streams.lingerMs ?? 0).unref();
  }

  #tell(text: string, droppable: boolean): boolean {
    if (this.#state === 'over' || isUnheard(this.#cancel)) return false;
    if (this.#state === 'open') this.#stream();
    // A client that does not read must not make us keep what an upstream keeps sending.
    if (droppable && (this.#events?.isClogged ?? this.#res.writableLength > LIMITS.streamBufferBytes))
      return false;
    if (this.#events !== null) this.#events.push(text, droppable);
    else this.#res.write(eventText(text));
    return true;
  }

  #gone(): void {
    if (this.#state === 'over' || this.#events !== null) return;
    this.#cancel.abort();
    this.#end();
  }

  #end(): void {
    this.#state = 'over';
    clearTimeout(this.#linger);
    this.#inFlight.remove(this);
    this.#running?.delete(this.#runningAs);
    this.#running = null;
  }
}

/** JSON text holds no line break, so one `data` line carries it (HTML Living Standard, "Server-sent events"). */
function eventText(text: string): string {
  return `event: message\ndata: ${text}\n\n`;
}
