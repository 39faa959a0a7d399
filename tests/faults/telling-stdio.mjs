// A stdio upstream that keeps account outside: for each call one line `<tool> <id>` is appended to CALLS_FILE and synced,
// before it answers. Its tools stand in TOOLS_FILE, read at each listing: `<name>` or `<name> | <description>`, one a line.
import { fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const { TOOLS_FILE, CALLS_FILE } = process.env;
const calls = openSync(CALLS_FILE, 'a');
const inputSchema = { type: 'object', properties: { id: { type: 'string' } } };

function tools() {
  const lines = readFileSync(TOOLS_FILE, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [name, description = 'Does it'] = line.split(' | ');
    return { name, description, inputSchema };
  });
}

function answer({ method, params }) {
  switch (method) {
    case 'tools/call':
      writeSync(calls, `${params.name} ${params.arguments.id}\n`);
      fsyncSync(calls);
      return { result: { content: [{ type: 'text', text: 'done' }] } };
    case 'tools/list':
      return { result: { tools: tools() } };
    case 'initialize': {
      const serverInfo = { name: 'telling', version: '1.0.0' };
      return { result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo } };
    }
    case 'ping':
      return { result: {} };
    default:
      return { error: { code: -32601, message: 'unknown method' } };
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.id === undefined) return;
  const said = `${JSON.stringify({ jsonrpc: '2.0', id: message.id, ...answer(message) })}\n`;
  try {
    writeSync(1, said);
  } catch (error) {
    // Whoever asked is gone; what still lies in the pipe is done all the same, as a real server would.
    if (error.code !== 'EPIPE') throw error;
  }
});
