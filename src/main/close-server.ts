import type { Server } from 'node:http';
import { LIMITS } from '../base/limits.ts';

/** Lets an answer that is under way end, but waits for nobody. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), LIMITS.socketEndMs);
  await closed;
  clearTimeout(cut);
}
