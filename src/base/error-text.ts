/** What was thrown, in one line for a person. It may hold what came from outside: scrub it before an agent sees it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What was thrown and where, for the operator's eyes. It may hold what came from outside, as the message does. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Where a bug was met, without its message: that may hold what a client sent. */
export function describeFault(fault: unknown): string {
  if (!(fault instanceof Error)) return typeof fault;
  return `${fault.name} ${
    fault.stack
      ?.split('\n')
      .find((line) => line.startsWith('    at '))
      ?.trim() ?? ''
  }`;
}
