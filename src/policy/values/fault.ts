/**
 * An evaluation error: a value that a rule's closures throw. It is no Error, because collecting a stack trace would
 * let a caller make errors that cost a hundred times what a decision costs. The text holds nothing a caller sent.
 */
export class EvaluationFault {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

export function fault(what: string): never {
  throw new EvaluationFault(what);
}
