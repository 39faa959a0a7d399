import { z } from 'zod';
import { problem } from '../../base/errors.ts';
import { type Route, route } from '../route.ts';
import { before } from './actions.ts';
import { readsOf } from './reading.ts';

/** The log itself, so that whoever reads it need not believe this instance. */
export const LOG_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/log',
    who: 'signed-in',
    does: 'The newest checkpoint, and the key that signs it.',
    handle: (call) => readsOf(call, (reads) => reads.log()),
  }),
  route({
    method: 'GET',
    path: '/v1/log/entries',
    who: 'signed-in',
    does: 'Entries, the newest first.',
    query: z.strictObject({ before }),
    handle: (call) => readsOf(call, (reads) => reads.logEntries(call.query.before)),
  }),
  route({
    method: 'GET',
    path: '/v1/log/export',
    who: 'signed-in',
    does: 'All that the newest checkpoint covers, as a bundle (NDJSON).',
    media: 'application/x-ndjson',
    async handle(call) {
      const lines = call.port.reads === null ? null : await call.port.reads.exportLog();
      if (lines === null) return { refused: problem('NOTHING_TO_EXPORT') };
      return { lines };
    },
  }),
];
