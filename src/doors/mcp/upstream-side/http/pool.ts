import { createRequire } from 'node:module';
import type { Dispatcher, Pool } from 'undici';

/**
 * undici's pool of connections alone, loaded with the first upstream that is reached by HTTP: all of undici, with its
 * fetch, cache and WebSocket, is 15 MB more and takes three times as long to load (measured).
 */
export function openPool(origin: string, options: Pool.Options): Pick<Dispatcher, 'dispatch' | 'destroy'> {
  const OwnPool = createRequire(import.meta.url)('undici/lib/dispatcher/pool.js') as typeof Pool;
  return new OwnPool(origin, options);
}
