import { LIMITS } from '../../../base/limits.ts';
import { EventStream } from './event-stream.ts';

interface Place {
  readonly session: string;
  readonly stream: EventStream;
  /** When it is forgotten; null while more may come. */
  expiry: NodeJS.Timeout | null;
}

/**
 * The streams that answer the POSTs of one agent's sessions, for a client that comes back with an event id. Each belongs
 * to one session and is found by no other. Those that have ended are kept for a while, bounded for the agent as a whole.
 */
export class ResumableStreams {
  readonly #byName = new Map<string, Place>();
  readonly #ended = new Set<Place>();
  readonly #lingerMs: number;
  #endedLength = 0;

  constructor(lingerMs: number = LIMITS.streamLingerMs) {
    this.#lingerMs = lingerMs;
  }

  get lingerMs(): number {
    return this.#lingerMs;
  }

  /** `session`: its key. */
  open(session: string): EventStream {
    const stream = new EventStream('answer');
    this.#byName.set(stream.name, { session, stream, expiry: null });
    return stream;
  }

  /** The stream of this session that an event id names; null where it names none. */
  find(session: string, eventId: string): EventStream | null {
    const place = this.#byName.get(eventId.slice(0, eventId.lastIndexOf('-')));
    return place?.session === session ? place.stream : null;
  }

  /**
   * It holds its answer, and is kept where its client knows an id of it and there is room: the oldest of those that are
   * kept make way.
   */
  keep({ name, isResumable, keptLength }: EventStream): void {
    const place = this.#byName.get(name);
    if (place === undefined) return;
    if (!isResumable || keptLength > LIMITS.keptStreamsLength) {
      this.#forget(place);
      return;
    }
    place.expiry = setTimeout(() => this.#forget(place), this.#lingerMs).unref();
    this.#ended.add(place);
    this.#endedLength += keptLength;
    for (const oldest of this.#ended) {
      if (this.#ended.size <= LIMITS.keptStreams && this.#endedLength <= LIMITS.keptStreamsLength) break;
      this.#forget(oldest);
    }
  }

  /** The session is over: what runs in it ends where it is, and nothing of it is found again. */
  endSession(session: string): void {
    for (const place of [...this.#byName.values()]) if (place.session === session) this.#forget(place);
  }

  #forget(place: Place): void {
    if (place.expiry !== null) clearTimeout(place.expiry);
    this.#byName.delete(place.stream.name);
    if (this.#ended.delete(place)) this.#endedLength -= place.stream.keptLength;
  }
}
