import type { QueryClient } from '@tanstack/react-query';
import type { ChangedThing } from '../../../src/contract/control-reads.ts';

/** Pages that were changed ask again at most this often, however much happens. */
const ASK_AGAIN_MS = 1000;
/** What waits for a person, and what was stopped, is asked for at once, and then at most this often. */
const URGENT_AGAIN_MS = 250;
const URGENT: ReadonlySet<ChangedThing> = new Set(['approvals', 'agents']);

/** The first words of the keys of queries that a change makes stale. */
const QUERIES_OF: Readonly<Record<ChangedThing, readonly string[]>> = {
  overview: ['overview', 'agents', 'actions', 'duties'],
  agents: ['overview', 'agents', 'duties'],
  approvals: ['overview', 'approvals', 'duties', 'changes'],
  rules: ['rules', 'inventory', 'agents', 'duties'],
  log: ['log'],
  people: ['people'],
};

/** Has queries asked again, gathered: what is urgent never waits behind what is not. */
export function staleSoon(
  queries: Pick<QueryClient, 'invalidateQueries'>,
  signal: AbortSignal,
): (what: ChangedThing) => void {
  const tell = (keys: ReadonlySet<string>) => {
    for (const key of keys) void queries.invalidateQueries({ queryKey: [key] });
  };
  const soon = gathered(tell, signal, ASK_AGAIN_MS, ASK_AGAIN_MS);
  const now = gathered(tell, signal, 0, URGENT_AGAIN_MS);
  return (what) => {
    (URGENT.has(what) ? now : soon)(QUERIES_OF[what] ?? []);
    // An action that was held shows how its question stands, and that it is over no entry of its own tells.
    if (what === 'approvals') soon(['actions']);
  };
}

/** Gathers what comes, and tells it `firstMs` after the first of it, and at most every `againMs`. */
function gathered(
  tell: (keys: ReadonlySet<string>) => void,
  signal: AbortSignal,
  firstMs: number,
  againMs: number,
): (keys: readonly string[]) => void {
  let waiting = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let toldMs = Number.NEGATIVE_INFINITY;
  signal.addEventListener('abort', () => clearTimeout(timer));
  const end = () => {
    const keys = waiting;
    waiting = new Set();
    timer = undefined;
    toldMs = performance.now();
    tell(keys);
  };
  return (keys) => {
    for (const key of keys) waiting.add(key);
    timer ??= setTimeout(end, Math.max(firstMs, toldMs + againMs - performance.now()));
  };
}
