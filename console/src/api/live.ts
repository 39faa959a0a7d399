import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { systemClock } from '../../../src/base/clock.ts';
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
/** The instance gives a sign of life every 10 s. Where two in a row are missing, nobody is at the other end. */
const SILENT_MS = 25_000;
/** What is asked anew begins to be answered within this, or was asked over a connection that is as dead as the last. */
const FIRST_WORD_MS = 8000;

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
    const line = new Line(signal);
    try {
      const response = await send('/v1/events', undefined, line.open);
      become('live');
      waitMs = FIRST_WAIT_MS;
      // What happened while nobody listened.
      void queries.invalidateQueries();
      await read(response, queries, stale, line);
    } catch {
      if (sessionToken() === null) return;
    } finally {
      line.close();
    }
    if (signal.aborted) return;
    become('lost');
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** One connection: it is given up on where nothing is heard of it for long, since a network that is gone closes nothing. */
class Line {
  readonly open: AbortSignal;
  readonly #silent = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heardMs = 0;

  constructor(signal: AbortSignal) {
    this.open = AbortSignal.any([signal, this.#silent.signal]);
    document.addEventListener('visibilitychange', this.#look);
    this.#wait(FIRST_WORD_MS);
  }

  heard(): void {
    this.#wait(SILENT_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#look);
  }

  #wait(ms: number): void {
    this.#heardMs = systemClock.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#silent.abort(), ms);
  }

  /** A device that slept counted no time: whoever comes back to the page after hours is told at once. */
  #look = (): void => {
    if (!document.hidden && systemClock.now() - this.#heardMs > SILENT_MS) this.#silent.abort();
  };
}

async function read(
  response: Response,
  queries: QueryClient,
  stale: (what: ChangedThing) => void,
  line: Line,
): Promise<void> {
  const lines = new EventLines();
  const decoder = new TextDecoder();
  for await (const chunk of chunksOf(response)) {
    line.heard();
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
