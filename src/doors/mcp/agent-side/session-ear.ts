import type { Problem } from '../../../base/errors.ts';
import { ok, type Result } from '../../../base/result.ts';
import {
  type Caller,
  type Corridor,
  type Hearing,
  LIST_KINDS,
  type ListKind,
} from '../../../pipeline/ports.ts';
import type { Settings } from './dispatch.ts';
import { notificationText } from './wire.ts';

const ALL: ReadonlySet<ListKind> = new Set(LIST_KINDS);

/** Where a session of the older generation is told of things. */
interface EarPlace {
  /** The session of its actions. */
  readonly session: string;
  readonly upstream: string | null;
  readonly settings: Settings;
  /** One whole notification. */
  tell(text: string): void;
  /** The token with which it was opened, or its agent, is gone. */
  end(): void;
}

/** The ear of a session of the older generation, opened when it is first needed: it hears of everything that concerns it. */
export class SessionEar {
  readonly #corridor: Corridor;
  readonly #place: EarPlace;
  #hearing: Hearing | null = null;

  constructor(corridor: Corridor, place: EarPlace) {
    this.#corridor = corridor;
    this.#place = place;
  }

  open(caller: Caller): Result<Hearing, Problem> {
    if (this.#hearing !== null) return ok(this.#hearing);
    const { session, upstream, settings, tell, end } = this.#place;
    const opened = this.#corridor.hear({
      caller,
      upstream,
      generation: '2025',
      lists: ALL,
      log: { session, level: () => settings.logLevel },
      tell: (method, params) => tell(notificationText(method, params)),
      end: () => {
        this.#hearing = null;
        end();
      },
    });
    if (opened.ok) this.#hearing = opened.value;
    return opened;
  }

  close(): void {
    this.#hearing?.close();
    this.#hearing = null;
  }
}
