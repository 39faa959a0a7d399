import type { ExitCode } from './exit-code.ts';
import type { Arguments } from './read-arguments.ts';

/** One command: how it is called, and where its code is; loaded only when it is run, so that each starts quickly. */
export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly does: string;
  readonly words: { readonly least: number; readonly most: number };
  readonly options: Readonly<Record<string, 'string' | 'boolean'>>;
  /** `run` passes its program's own exit code on. */
  load(): Promise<{ run(args: Arguments): Promise<ExitCode | number> }>;
}
