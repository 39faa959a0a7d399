/** What `./lanyard` ends with; scripts rely on these (docs/formats/interface.md, Commands). */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Denied, or a check that did not hold. */
  denied: 3,
  unreachable: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command early with a sentence for stderr. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exit: ExitCode;
  readonly details: readonly string[];
  constructor(exit: ExitCode, sentence: string, details: readonly string[] = []) {
    super(sentence);
    this.exit = exit;
    this.details = details;
  }
}
