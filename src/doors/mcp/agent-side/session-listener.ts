import type { Problem } from '../../../base/errors.ts';
import { ok, type Result } from '../../../base/result.ts';
import type { Caller } from '../../../pipeline/ports/call.ts';
import type { Corridor } from '../../../pipeline/ports/corridor.ts';
import { LIST_KINDS, type ListKind, type OpenListener } from '../../../pipeline/ports/listener.ts';
import type { Settings } from './dispatch.ts';
import { notificationText } from './wire.ts';

const ALL: ReadonlySet<ListKind> = new Set(LIST_KINDS);

/** Where a session of the older generation is told of things. */
interface ListenerPlace {
  /** The session of its actions. */
  readonly session: string;
  readonly upstream: string | null;
  readonly settings: Settings;
  /** One whole notification. */
  tell(text: string): void;
  /** The token with which it was opened, or its agent, is gone. */
  end(): void;
}

/** The listener of a session of the older generation, opened when it is first needed: it hears of everything that concerns it. */
export class SessionListener {
  readonly #corridor: Corridor;
  readonly #place: ListenerPlace;
  #listener: OpenListener | null = null;

  constructor(corridor: Corridor, place: ListenerPlace) {
    this.#corridor = corridor;
    this.#place = place;
  }

  open(caller: Caller): Result<OpenListener, Problem> {
    if (this.#listener !== null) return ok(this.#listener);
    const { session, upstream, settings, tell, end } = this.#place;
    const opened = this.#corridor.listen({
      caller,
      upstream,
      generation: '2025',
      lists: ALL,
      log: { session, level: () => settings.logLevel },
      tell: (method, params) => tell(notificationText(method, params)),
      end: () => {
        this.#listener = null;
        end();
      },
    });
    if (opened.ok) this.#listener = opened.value;
    return opened;
  }

  close(): void {
    this.#listener?.close();
    this.#listener = null;
  }
}
