import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Problem, problem } from '../../base/errors.ts';
import { answerRefused } from '../../base/http-refusals.ts';
import { LIMITS } from '../../base/limits.ts';
import { createGuard } from '../../doors/http/guard.ts';
import type { LogTiles } from './log-tiles.ts';

/** The log's tree for anybody who reaches `listen` (`log: { public: true }`): C2SP tlog-tiles, entries included. */
interface PublicLog {
  matches(path: string): boolean;
  /** Answers; never throws. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export function createPublicLog(
  tiles: Pick<LogTiles, 'checkpoint' | 'tile'>,
  hosts: readonly string[],
  report: (line: string) => void,
): PublicLog {
  const guard = createGuard(hosts);
  let waiting = 0;

  const found = async (path: string): Promise<Buffer | string | null> =>
    path === CHECKPOINT ? tiles.checkpoint() : tiles.tile(path.slice(TILE.length));

  async function answer(request: IncomingMessage): Promise<Buffer | string | Problem> {
    const refused = guard(request);
    if (refused !== null) return refused;
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return problem('METHOD_NOT_ALLOWED', { method: request.method ?? '' });
    if (waiting >= LIMITS.publicLogReads) return problem('BUSY');
    waiting++;
    try {
      return (await found(request.url ?? '')) ?? problem('PAGE_UNKNOWN');
    } catch (error) {
      report(`the log could not be read: ${String(error)}`);
      return problem('INTERNAL');
    } finally {
      waiting--;
    }
  }
  return {
    matches: (path) => path === CHECKPOINT || path.startsWith(TILE),
    async handle(request, response) {
      request.resume();
      const said = await answer(request);
      if (typeof said === 'string') send(response, 200, TEXT, said);
      else if (Buffer.isBuffer(said)) send(response, 200, 'application/octet-stream', said);
      else answerRefused(response, said, undefined, said.code === 'METHOD_NOT_ALLOWED' ? ALLOW : {});
    },
  };
}

const CHECKPOINT = '/log/checkpoint';
const TILE = '/log/tile/';
const ALLOW = { allow: 'GET, HEAD' };
const TEXT = 'text/plain; charset=utf-8';

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(body);
}
