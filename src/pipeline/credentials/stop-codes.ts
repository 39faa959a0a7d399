import { digestOf } from '../../base/hash.ts';
import { makePaperCode } from '../../base/paper-code.ts';

/** 100 random bits as XXXX-XXXX-XXXX-XXXX-XXXX. */
export function makeStopCode(): string {
  return makePaperCode(5);
}

/** Codes that stop once each, by the channel that is polled: digests alone, found by one look-up. */
export class StopCodes {
  readonly #of = new Map<string, readonly string[]>();
  #holders = new Map<string, string>();
  readonly #watchers: (() => void)[] = [];

  /** `then` is called after every change. */
  watch(then: () => void): void {
    this.#watchers.push(then);
  }

  set(person: string, digests: readonly string[]): void {
    this.#of.set(person, digests);
    this.#holders = new Map(
      [...this.#of].flatMap(([who, all]) => all.map((digest) => [digest, who] as const)),
    );
    for (const then of this.#watchers) then();
  }

  of(person: string): readonly string[] {
    return this.#of.get(person) ?? [];
  }

  /** Digest and person of every code that is good. */
  all(): (readonly [digest: string, person: string])[] {
    return [...this.#holders];
  }
}

/** How a code is written in a message, wherever it stands there; what and how hard may follow it. */
const MESSAGE =
  /([0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){4})(?:[ +]+([^\s]{1,300}))?(?:[ +]+(watched|frozen|killed)\b)?/;

/** What a message of the channel asks for. One digest, whatever it holds; null where it holds no code. */
export function readStopMessage(
  text: string,
): { readonly digest: string; readonly what: string; readonly level: string } | null {
  const found = MESSAGE.exec(text);
  if (found === null) return null;
  const [, code = '', what = 'all', level = 'frozen'] = found;
  return { digest: digestOf(code), what, level };
}
