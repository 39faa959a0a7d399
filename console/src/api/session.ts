import { useSyncExternalStore } from 'react';

/**
 * The session is a bearer token that this page holds in its memory and nowhere else: no cookie that a browser would
 * send along for another page, and nothing in a profile on disk that another program could read. It goes with the page.
 */
let token: string | null = null;
const listeners = new Set<() => void>();

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function sessionToken(): string | null {
  return token;
}

export function keepSession(next: string | null): void {
  token = next;
  lost = null;
  for (const listener of listeners) listener();
}

/** What was asked for over a session that was over by then: to be shown something, to do something, or to stop something. */
export type Undone = 'show' | 'do' | 'stop';
const GRAVITY: readonly Undone[] = ['show', 'do', 'stop'];

let lost: Undone | null = null;

/** The instance knows this session no more, so `undone` was not done. Of several the gravest is kept until the next sign-in. */
export function loseSession(over: string, undone: Undone): void {
  if (token !== null && token !== over) return;
  token = null;
  if (lost === null || GRAVITY.indexOf(undone) > GRAVITY.indexOf(lost)) lost = undone;
  for (const listener of listeners) listener();
}

/** What was not done because the last session was over; null where none was lost. */
export function useLost(): Undone | null {
  return useSyncExternalStore(listen, () => lost);
}

export function useSignedIn(): boolean {
  return useSyncExternalStore(listen, () => token !== null);
}
