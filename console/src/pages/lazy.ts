/**
 * Pages that come when they are wanted, and are fetched ahead once somebody is signed in: whoever has lost the network, or
 * whose instance was replaced by a newer one meanwhile, still reaches every page of the console that is open.
 */
const ahead = new Set<() => Promise<unknown>>();

/** A page that cannot be had is a sentence, and not an error at which the router loads everything anew: that ends the session. */
export function page<M>(load: () => Promise<M>): () => Promise<M> {
  ahead.add(load);
  return () =>
    load().catch(() => {
      throw new Error(
        'This page could not be loaded: the instance does not answer, or another version runs now.',
      );
    });
}

/** Fetches what was not fetched yet while the browser has nothing else to do, and again once it is back on a network. */
export function fetchAhead(): () => void {
  const idle = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 1000));
  const begin = () =>
    void idle(() => {
      for (const load of ahead)
        load().then(
          () => ahead.delete(load),
          () => undefined,
        );
    });
  begin();
  addEventListener('online', begin);
  return () => removeEventListener('online', begin);
}
