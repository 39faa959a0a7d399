/**
 * Many MCP servers of 2025-11-25 in one process, for measuring: `node farm.mjs UPSTREAMS TOOLS` serves each at
 * /<n>/mcp with so many tools named t0, t1, …; prints `port <n>`. Loopback only.
 */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const [upstreams, tools] = process.argv.slice(2).map(Number);

/** About 1.2 KB, as tools of real servers are. */
const definition = (upstream, at) => ({
  name: `t${at}`,
  title: `Tool ${at} of server ${upstream}`,
  description: `Does the thing number ${at} of the server ${upstream}. ${'It says at length what it is good for. '.repeat(8)}`,
  inputSchema: {
    type: 'object',
    properties: {
      text: { type: 'string', description: 'What it is about, in a sentence or two.', maxLength: 10_000 },
      count: { type: 'integer', minimum: 0, maximum: 100, description: 'How many of them.' },
      kind: { enum: ['one', 'two', 'three'], description: 'Which kind of them.' },
      tags: { type: 'array', items: { type: 'string' }, description: 'Words they go by.' },
      options: {
        type: 'object',
        properties: { deep: { type: 'boolean' }, since: { type: 'string', format: 'date-time' } },
      },
    },
    required: ['text'],
  },
});
const listed = Array.from({ length: upstreams }, (_, upstream) =>
  Array.from({ length: tools }, (_, at) => definition(upstream, at)),
);

function resultOf(upstream, { method, params }) {
  if (method === 'initialize')
    return {
      protocolVersion: params.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: `farm-${upstream}`, version: '1.0.0' },
    };
  if (method === 'tools/list') return { tools: listed[upstream] };
  if (method === 'tools/call') return { content: [{ type: 'text', text: String(params.arguments.text) }] };
  return method === 'ping' ? {} : undefined;
}

const server = createServer(async (request, response) => {
  const upstream = Number(request.url.split('/')[1]);
  if (request.method !== 'POST') {
    response.writeHead(405).end();
    return;
  }
  const message = JSON.parse(await text(request));
  if (message.id === undefined) {
    response.writeHead(202).end();
    return;
  }
  const result = resultOf(upstream, message);
  const rest = result === undefined ? { error: { code: -32601, message: 'no such method' } } : { result };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...rest }));
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
process.stdin.on('end', () => process.exit(0)).resume();
