/** Somebody asked it to stop before it was ready. */
export class StoppedWhileStarting extends Error {
  override readonly name = 'StoppedWhileStarting';
}

/** Why nothing started: lines for a person, most important first. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    super(lines[0] ?? 'it did not start');
    this.lines = lines;
  }
}

/** What `work` comes to, unless it is to stop first: then it rejects with StoppedWhileStarting. */
export async function unlessStopped<T>(work: Promise<T>, stopped: AbortSignal | undefined): Promise<T> {
  if (stopped === undefined) return work;
  const early = Promise.withResolvers<never>();
  const onAbort = () => early.reject(new StoppedWhileStarting());
  stopped.addEventListener('abort', onAbort, { once: true });
  if (stopped.aborted) onAbort();
  try {
    return await Promise.race([work, early.promise]);
  } finally {
    stopped.removeEventListener('abort', onAbort);
  }
}
