import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../base/clock.ts';
import { createIds } from '../../base/ids.ts';
import { LIMITS } from '../../base/limits.ts';
import { announce, type OutsideStop } from '../../pipeline/outside.ts';
import { StopKeys } from '../../pipeline/stop-keys.ts';
import type { BrakeStart, FromThread, StopReport, ToThread } from './messages.ts';
import { lookForSentinel, SENTINEL, watchSentinel } from './sentinel.ts';
import { createBrakeServer } from './server.ts';
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

function hear(message: ToThread): void {
  if (message.kind === 'keys') keys.replace(message.keys);
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
files.open();
parentPort?.on('message', hear);
const unwatch = watchSentinel(start.state, (sight) => {
  const why =
    sight === 'present'
      ? `the file ${SENTINEL} is in the state directory`
      : `the switch cannot be read: ${sight.unreadable}`;
  void stop({ scope: 'all', level: 'frozen', why }, { by: 'sentinel' });
});

const { place } = start;
const server =
  place === null
    ? null
    : createBrakeServer({ place, desk, health, log: (line) => tell({ kind: 'log', line }) });
server?.on('error', (error) => tell({ kind: 'failed', why: error.message }));
if (server === null || place === null) tell({ kind: 'ready', port: null });
else
  server.listen(place.port, place.host, () => {
    const address = server.address();
    tell({
      kind: 'ready',
      port: typeof address === 'object' && address !== null ? address.port : place.port,
    });
  });

function close(): void {
  unwatch();
  server?.close();
  server?.closeAllConnections();
  start.port.close();
  parentPort?.close();
}
