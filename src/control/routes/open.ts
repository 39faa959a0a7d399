import { problem } from '../../base/errors.ts';
import { type Answer, type Call, type Route, route } from '../route.ts';

const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';
const METRICS = 'text/plain; version=0.0.4; charset=utf-8';

/** The last part of a tile's name is as long as its number. */
const TAILS = [':a', ':a/:b', ':a/:b/:c', ':a/:b/:c/:d', ':a/:b/:c/:d/:e'];

const nameOf = ({ params }: Call<unknown, unknown>): string =>
  [
    ...(params['level'] === undefined ? [] : [params['level']]),
    ...['a', 'b', 'c', 'd', 'e'].flatMap((key) => params[key] ?? []),
  ].join('/');

async function tile(call: Call<unknown, unknown>, name: string): Promise<Answer> {
  const bytes = (await call.port.open?.tile(name)) ?? null;
  return bytes === null ? { problem: problem('PAGE_UNKNOWN') } : { bytes, type: BYTES };
}

/** For programs that watch from outside: figures, and the log's tree (C2SP tlog-tiles). Hashes tell nothing; entries are for people. */
export const OPEN_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/healthz',
    who: 'anyone',
    does: 'Whether a decision could be made and recorded now: 200, or 503.',
    async handle({ port }) {
      const why = port.open === null ? problem('FAULT') : await port.open.whyUnwell();
      if (why === null) return { value: { status: 'ok' } };
      return { value: { status: 'unavailable', ...why }, status: 503 };
    },
  }),
  route({
    method: 'GET',
    path: '/metrics',
    who: 'anyone',
    does: 'Figures in the text format of Prometheus; they name nobody and nothing.',
    media: METRICS,
    handle: async ({ port }) =>
      port.open === null
        ? { problem: problem('PAGE_UNKNOWN') }
        : { bytes: port.open.metrics(), type: METRICS },
  }),
  route({
    method: 'GET',
    path: '/log/checkpoint',
    who: 'anyone',
    does: 'The newest checkpoint: a signed note.',
    media: TEXT,
    async handle({ port }) {
      const note = (await port.open?.checkpoint()) ?? null;
      return note === null ? { problem: problem('PAGE_UNKNOWN') } : { bytes: note, type: TEXT };
    },
  }),
  ...TAILS.map((tail) =>
    route({
      method: 'GET',
      path: `/log/tile/entries/${tail}`,
      who: 'signed-in',
      does: 'A bundle of entries, for whoever has signed in.',
      media: BYTES,
      handle: (call) => tile(call, `entries/${nameOf(call)}`),
    }),
  ),
  ...TAILS.map((tail) =>
    route({
      method: 'GET',
      path: `/log/tile/:level/${tail}`,
      who: 'anyone',
      does: 'Hashes of the log, 256 nodes of its tree.',
      media: BYTES,
      handle: (call) => tile(call, nameOf(call)),
    }),
  ),
];
