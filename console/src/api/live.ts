import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { ActionRow, ChangedThing, Overview } from '../../../src/contract/control-reads.ts';
import { send } from './ask.ts';
import { chunksOf } from './chunks.ts';
import { EventLines } from './event-lines.ts';
import { sessionToken } from './session.ts';
import { staleSoon } from './stale.ts';

export type LiveState = 'live' | 'connecting' | 'lost';

const FIRST_WAIT_MS = 500;
const MOST_WAIT_MS = 15_000;
const RECENT = 40;

let state: LiveState = 'connecting';
const listeners = new Set<() => void>();

function become(next: LiveState): void {
  state = next;
  for (const listener of listeners) listener();
}

export function useLive(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/**
 * Follows what happens, as long as this tab is signed in. fetch and not EventSource: the session is a header, and
 * EventSource can send none.
 */
export function followLive(queries: QueryClient): () => void {
  const ended = new AbortController();
  void follow(queries, ended.signal);
  return () => ended.abort();
}

async function follow(queries: QueryClient, signal: AbortSignal): Promise<void> {
  const stale = staleSoon(queries, signal);
  for (let waitMs = FIRST_WAIT_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, MOST_WAIT_MS)) {
    try {
      const response = await send('/v1/events', undefined, signal);
      become('live');
      waitMs = FIRST_WAIT_MS;
      // What happened while nobody listened.
      void queries.invalidateQueries();
      await read(response, queries, stale);
    } catch {
      if (sessionToken() === null) return;
    }
    if (signal.aborted) return;
    become('lost');
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

async function read(
  response: Response,
  queries: QueryClient,
  stale: (what: ChangedThing) => void,
): Promise<void> {
  const lines = new EventLines();
  const decoder = new TextDecoder();
  for await (const chunk of chunksOf(response)) {
    for (const { event, data } of lines.push(decoder.decode(chunk, { stream: true }))) {
      if (event === 'action') {
        show(queries, JSON.parse(data) as ActionRow);
        stale('overview');
      } else if (event === 'change') stale((JSON.parse(data) as { what: ChangedThing }).what);
    }
  }
}

/** What just happened stands on the page at once; the counts around it follow within a second. */
function show(queries: QueryClient, row: ActionRow): void {
  queries.setQueryData<Overview>(['overview'], (before) => {
    if (before === undefined) return before;
    const others = before.recent.filter(({ action }) => action !== row.action);
    const known = others.length < before.recent.length;
    const recent = known
      ? before.recent.map((one) => (one.action === row.action ? row : one))
      : [row, ...others].slice(0, RECENT);
    return { ...before, recent };
  });
}
