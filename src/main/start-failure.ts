/** Why nothing started: lines for a person, most important first. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    super(lines[0] ?? 'it did not start');
    this.lines = lines;
  }
}
