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
