// A stdio upstream that keeps account outside: for each call of `count` one line `<id> <entries in the log then>` is
// appended to CALLS_FILE and synced, before it answers. It holds a connection to ALIVE_SOCKET for as long as it lives.
// An id beginning with `kill-before` or `kill-after` kills the process that started it, before or after it has counted.
import { fsyncSync, openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { openSqlite } from '../../src/store/sqlite/index.ts';

const { CALLS_FILE, ALIVE_SOCKET, LOG_FILE } = process.env;
connect(ALIVE_SOCKET)
  .on('error', () => process.exit(1))
  .unref();
const calls = openSync(CALLS_FILE, 'a');
let log;

/** What is durable in the log at this moment: a reader of the files sees only what was synced. */
async function durableEntries() {
  log ??= await openSqlite(LOG_FILE, { readOnly: true });
  return log.size();
}

async function count(id) {
  if (id.startsWith('kill-before')) process.kill(process.ppid, 'SIGKILL');
  writeSync(calls, `${id} ${await durableEntries()}\n`);
  fsyncSync(calls);
  if (id.startsWith('kill-after')) process.kill(process.ppid, 'SIGKILL');
  return { content: [{ type: 'text', text: id }] };
}

const tools = [
  {
    name: 'count',
    inputSchema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
  },
];

function answer({ method, params }) {
  switch (method) {
    case 'tools/call':
      return count(params.arguments.id);
    case 'tools/list':
      return { tools };
    case 'initialize':
      return {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'counting', version: '1.0.0' },
      };
    case 'ping':
      return {};
    default:
      return undefined;
  }
}

let rest = '';
let before = Promise.resolve();
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  // One after the other, as they came.
  for (const line of lines) before = before.then(() => take(JSON.parse(line)));
});

async function take(message) {
  if (message.id === undefined) return;
  const result = await answer(message);
  const body = result ? { result } : { error: { code: -32601, message: 'unknown method' } };
  try {
    writeSync(1, `${JSON.stringify({ jsonrpc: '2.0', id: message.id, ...body })}\n`);
  } catch (error) {
    // Whoever asked is gone; what still lies in the pipe is done all the same, as a real server would.
    if (error.code !== 'EPIPE') throw error;
  }
}
