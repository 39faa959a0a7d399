import { useSyncExternalStore } from 'react';

/**
 * The session is a bearer token that this page holds in its memory and nowhere else: no cookie that a browser would
 * send along for another page, and nothing in a profile on disk that another program could read. It goes with the page.
 */
let token: string | null = null;
const listeners = new Set<() => void>();

export function sessionToken(): string | null {
  return token;
}

export function keepSession(next: string | null): void {
  token = next;
  for (const listener of listeners) listener();
}

export function useSignedIn(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => token !== null,
  );
}
