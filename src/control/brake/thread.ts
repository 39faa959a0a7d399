import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../base/clock.ts';
import { createIds } from '../../base/ids.ts';
import { LIMITS } from '../../base/limits.ts';
import { unknownIn } from '../../containment/known.ts';
import { isScope } from '../../containment/levels.ts';
import { isLevel } from '../../model/level.ts';
import { readStopMessage } from '../../pipeline/credentials/stop-codes.ts';
import { StopKeys } from '../../pipeline/credentials/stop-keys.ts';
import { announce, type OutsideStop } from '../../pipeline/stop/outside.ts';
import type { BrakeStart, FromThread, StopCodeRows, StopReport, ToThread } from './messages.ts';
import { lookForSentinel, SENTINEL, watchSentinel } from './sentinel.ts';
import { createBrakeServer } from './server.ts';
import { type ChannelPlace, StopChannel } from './stop-channel.ts';
import type { AskedStop, StopDesk, Stopped } from './stop-desk.ts';
import { StopFiles } from './stop-files.ts';

/**
 * The brake's own thread: it answers, looks for the file STOP and stops, however busy the main thread is. A stop is
 * announced first (it holds from then on), then kept on disk, then answered; the main thread records it and says so.
 */
const start = workerData as BrakeStart;
const ids = createIds(systemClock);
const keys = new StopKeys();
const files = new StopFiles(start.stops);
/** Who waits to hear what the main thread says of a stop. */
const waiting = new Map<string, (report: StopReport | null) => void>();
let { news } = start;

const tell = (message: FromThread) => parentPort?.postMessage(message);

function stop(asked: AskedStop, who: Pick<OutsideStop, 'by' | 'person' | 'code'>): Promise<Stopped> {
  const one: OutsideStop = { id: ids(), ...who, ...asked };
  announce(start.word, start.port, one);
  const atMs = systemClock.now();
  // The file STOP is its own record.
  const kept = one.by === 'sentinel' || files.keep(one);
  const { promise, resolve } = Promise.withResolvers<StopReport | null>();
  const late = setTimeout(() => resolve(null), LIMITS.stopReportMs);
  waiting.set(one.id, resolve);
  return promise.then((report) => {
    clearTimeout(late);
    waiting.delete(one.id);
    return { ...asked, atMs, kept, report };
  });
}

const desk: StopDesk = {
  holderOf: (bearer) => keys.holderOf(bearer),
  stop: ({ person }, asked) => stop(asked, { by: 'stop-key', person }),
  news: () => news,
  refused: (bearer) => tell({ kind: 'refused', bearer: bearer.slice(0, 256) }),
};

/** Good codes; what was used here is not, though the main thread may not know it yet. */
let codes = new Map<string, string>();
const used = new Set<string>();
let channel: StopChannel | null = null;
let place = '';

function takeCodes(rows: StopCodeRows): void {
  codes = new Map(rows.filter(([digest]) => !used.has(digest)));
}

/** One look-up for each message, whatever it holds: wrong ones delay nobody. */
function hearMessage(text: string): void {
  const asked = readStopMessage(text);
  const person = asked === null ? undefined : codes.get(asked.digest);
  if (asked === null || person === undefined) return;
  codes.delete(asked.digest);
  used.add(asked.digest);
  // Whoever sends a code wants to stop, and nobody can ask her back: what cannot be read, or is nobody here, stops everything.
  const scope = isScope(asked.what) && isHere(asked.what) ? asked.what : 'all';
  const level = isLevel(asked.level) && asked.level !== 'live' ? asked.level : 'frozen';
  void stop(
    { scope, level, why: 'by a code, over the channel' },
    { by: 'stop-code', person, code: asked.digest },
  );
}

/** While nobody has said what there is, everything may be. */
const isHere = (scope: string) => news.atMs === 0 || unknownIn(scope, news) === null;

function listenTo(next: ChannelPlace | null): void {
  const text = JSON.stringify(next);
  if (text === place) return;
  place = text;
  channel?.close();
  // What was wrong with the one before says nothing of the next.
  onTrouble(null);
  channel = next === null ? null : new StopChannel(next, { onMessage: hearMessage, onTrouble });
  channel?.open();
}

const onTrouble = (trouble: string | null) => tell({ kind: 'channel', trouble });

function hear(message: ToThread): void {
  if (message.kind === 'keys') keys.replace(message.keys);
  else if (message.kind === 'codes') takeCodes(message.codes);
  else if (message.kind === 'channel') listenTo(message.channel);
  else if (message.kind === 'news') news = message.news;
  else if (message.kind === 'report') {
    waiting.get(message.id)?.(message.report);
    if (message.report.recorded) files.remove(message.id);
  } else close();
}

const health = (): string | null => {
  const sight = lookForSentinel(start.state);
  return typeof sight === 'string' ? null : `the state cannot be read: ${sight.unreadable}`;
};

keys.replace(start.keys);
takeCodes(start.codes);
files.open();
parentPort?.on('message', hear);
const unwatch = watchSentinel(start.state, (sight) => {
  const why =
    sight === 'present'
      ? `the file ${SENTINEL} is in the state directory`
      : `the switch cannot be read: ${sight.unreadable}`;
  void stop({ scope: 'all', level: 'frozen', why }, { by: 'sentinel' });
});

listenTo(start.channel);
const { place: at } = start;
const server =
  at === null
    ? null
    : createBrakeServer({ place: at, desk, health, log: (line) => tell({ kind: 'log', line }) });
let again: NodeJS.Timeout | undefined;
server?.on('error', (error) => {
  if (server.listening) tell({ kind: 'log', line: `brake: ${error.message}` });
  else if (!start.isBack) tell({ kind: 'failed', why: error.message });
  else {
    tell({ kind: 'unreachable', why: error.message });
    again = setTimeout(listen, LIMITS.brakeListenMs);
  }
});
server?.on('listening', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : null;
  tell({ kind: 'ready', port });
});
const listen = () => server?.listen({ port: at?.port, host: at?.host, backlog: LIMITS.listenBacklog });
if (server === null) tell({ kind: 'ready', port: null });
else listen();

function close(): void {
  unwatch();
  clearTimeout(again);
  channel?.close();
  server?.close();
  server?.closeAllConnections();
  start.port.close();
  parentPort?.close();
}
