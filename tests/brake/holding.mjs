// What a server says that holds every call and answers none: for 2025-11-25 and 2026-07-28. On its own it speaks over stdio.
// RECEIVED names a file to which each line that arrives is appended, and the first line its process id.
import { appendFileSync } from 'node:fs';

const tools = ['hold', 'tell'].map((name) => ({
  name,
  description: 'Never answers',
  inputSchema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
}));
const server = { name: 'holding', version: '1.0.0' };
const capabilities = { tools: {} };
const cache = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };

const TASKS = 'io.modelcontextprotocol/tasks';
/** What a client of 2026-07-28 that knows tasks is told of its call: it goes on, for good. */
export const taskOf = (id) => ({
  ...{ taskId: id, status: 'working', ttlMs: 600_000, pollIntervalMs: 60_000 },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', lastUpdatedAt: '2026-01-01T00:00:00.000Z' },
});
export const knowsTasks = ({ params }) =>
  params?._meta?.['io.modelcontextprotocol/clientCapabilities']?.extensions?.[TASKS] !== undefined;

/** undefined: nothing is answered. */
export function answer({ method, params }) {
  const modern = params?._meta?.['io.modelcontextprotocol/protocolVersion'] !== undefined;
  switch (method) {
    case 'tools/list':
      return { ...(modern ? cache : {}), tools };
    case 'server/discover':
      return {
        ...cache,
        supportedVersions: ['2026-07-28'],
        capabilities,
        _meta: { 'io.modelcontextprotocol/serverInfo': server },
      };
    case 'initialize':
      return { protocolVersion: '2025-11-25', capabilities, serverInfo: server };
    case 'ping':
      return {};
    case 'tasks/get':
      return { resultType: 'complete', ...taskOf(params.taskId) };
    case 'tasks/cancel':
      return { resultType: 'complete' };
    default:
      return undefined;
  }
}

if (process.argv[1] === import.meta.filename) {
  const { RECEIVED } = process.env;
  appendFileSync(RECEIVED, `${JSON.stringify({ pid: process.pid })}\n`);
  let rest = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    appendFileSync(RECEIVED, lines.map((line) => `${line}\n`).join(''));
    for (const line of lines) {
      const message = JSON.parse(line);
      const result = answer(message);
      if (message.id !== undefined && result !== undefined)
        process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: message.id, result })}\n`);
    }
  });
}
