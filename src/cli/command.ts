import type { ExitCode } from './exit-code.ts';
import type { Arguments } from './read-arguments.ts';

interface Words {
  readonly least: number;
  readonly most: number;
}

export const ONE_WORD: Words = { least: 1, most: 1 };

/** One command: how it is called, and where its code is. That is loaded only when the command runs, so that each starts quickly. */
export interface Command {
  /** One word or two: `stop`, `policy check`. */
  readonly name: string;
  /** What follows the name, as help prints it. */
  readonly usage: string;
  /** One sentence, for `./lanyard help`. */
  readonly does: string;
  /** How many words follow the name. Absent: none. */
  readonly words?: Words;
  /** Besides --config and --help, which every command takes. Absent: none. */
  readonly options?: Readonly<Record<string, 'string' | 'boolean'>>;
  /** Its exit code is an answer (3: denied, or it does not hold), which is not lost with whoever read its lines. */
  readonly judges?: true;
  /** `run` passes its program's own exit code on. */
  load(): Promise<{ run(args: Arguments): Promise<ExitCode | number> }>;
}
