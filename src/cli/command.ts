import type { ExitCode } from './exit-code.ts';
import type { Arguments } from './read-arguments.ts';

interface Words {
  readonly least: number;
  readonly most: number;
}

export const NO_WORDS: Words = { least: 0, most: 0 };
export const ONE_WORD: Words = { least: 1, most: 1 };

/** One command: how it is called, and where its code is; loaded only when it is run, so that each starts quickly. */
export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly does: string;
  /** How many words follow the name. */
  readonly words: Words;
  readonly options: Readonly<Record<string, 'string' | 'boolean'>>;
  /** `run` passes its program's own exit code on. */
  load(): Promise<{ run(args: Arguments): Promise<ExitCode | number> }>;
}
