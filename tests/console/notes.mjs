// A stdio server that keeps notes, one file each in NOTES: `read` answers a note's text and version, `write` replaces it,
// `trash` removes it and `linger` never answers. Every call that arrives is a line of ARRIVED, written before it is done.
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { NOTES, ARRIVED } = process.env;
const tools = ['read', 'write', 'share', 'trash', 'linger'].map((name) => ({
  name,
  description: `Does it (${name})`,
  inputSchema: {
    type: 'object',
    properties: { id: { type: 'string' }, text: { type: 'string' } },
    required: ['id'],
  },
}));

function call(name, { id, text = '' }) {
  const place = join(NOTES, id.replaceAll(/[^a-z0-9-]/g, ''));
  appendFileSync(ARRIVED, `${name} ${id}\n`);
  if (name === 'linger') return undefined;
  if (name === 'write') writeFileSync(place, text);
  if (name === 'trash') rmSync(place, { force: true });
  const held = existsSync(place) ? readFileSync(place, 'utf8') : '';
  const version = createHash('sha256').update(held).digest('hex');
  return { content: [{ type: 'text', text: JSON.stringify({ text: held, version }) }] };
}

function answer({ method, params }) {
  switch (method) {
    case 'tools/call':
      return call(params.name, params.arguments);
    case 'tools/list':
      return { tools };
    case 'initialize':
      return {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'notes', version: '1.0.0' },
      };
    case 'ping':
      return {};
    default:
      return null;
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
    if (result === undefined) continue;
    const body = result === null ? { error: { code: -32601, message: 'unknown method' } } : { result };
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: message.id, ...body })}\n`);
  }
});
