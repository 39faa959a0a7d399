// A stdio upstream that keeps account outside: for each call of `count` one line `<id> <entries in the log then>` is
// appended to CALLS_FILE and synced, before it answers. It holds a connection to ALIVE_SOCKET for as long as it lives.
// An id beginning with `kill-before` or `kill-after` kills the process that started it, before or after it has counted.
import { fsyncSync, openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { DatabaseSync } from 'node:sqlite';

const { CALLS_FILE, ALIVE_SOCKET, LOG_FILE } = process.env;
connect(ALIVE_SOCKET)
  .on('error', () => process.exit(1))
  .unref();
const calls = openSync(CALLS_FILE, 'a');
let size;

/** What is durable in the log at this moment: a reader of the file sees only what was committed. */
function durableEntries() {
  size ??= new DatabaseSync(LOG_FILE, { readOnly: true, timeout: 5000 }).prepare(
    'SELECT coalesce(max(seq) + 1, 0) AS size FROM entries',
  );
  return size.get().size;
}

function count(id) {
  if (id.startsWith('kill-before')) process.kill(process.ppid, 'SIGKILL');
  writeSync(calls, `${id} ${durableEntries()}\n`);
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
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) {
    const message = JSON.parse(line);
    if (message.id === undefined) continue;
    const result = answer(message);
    const body = result ? { result } : { error: { code: -32601, message: 'unknown method' } };
    try {
      writeSync(1, `${JSON.stringify({ jsonrpc: '2.0', id: message.id, ...body })}\n`);
    } catch (error) {
      // Whoever asked is gone; what still lies in the pipe is done all the same, as a real server would.
      if (error.code !== 'EPIPE') throw error;
    }
  }
});
