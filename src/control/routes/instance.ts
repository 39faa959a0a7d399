import { z } from 'zod';
import { route } from '../route.ts';

/** What a page may know before anybody signed in. */
export const INSTANCE_ROUTES = [
  route({
    method: 'GET',
    path: '/v1/instance',
    who: 'anyone',
    does: 'Which instance this is, and whether anybody has claimed it yet.',
    answer: z.object({ version: z.string(), claimed: z.boolean() }),
    handle: async ({ port }) => ({ value: { version: port.version, claimed: port.passkeys.claimed } }),
  }),
];
