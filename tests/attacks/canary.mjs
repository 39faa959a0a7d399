// The upstreams of the attack table: servers of both generations that record every effect they are asked for. Plain
// node:http, so that they can do what no SDK would. Each is at /<upstream>/mcp.
//   GET  /received        what was asked for since the last time: [{ upstream, method, name, arguments, headers, meta }]
//   POST /turn/<state>    what `turncoat` offers from now on: honest, changed, grown
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { answerCall, TASK } from './canary-calls.mjs';
import { DEFINITIONS } from './canary-offers.mjs';

const EFFECTS = [
  'tools/call',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'prompts/get',
  'tasks/update',
  'tasks/cancel',
];
let received = [];
const state = { turncoat: 'honest' };

const INFO = { name: 'canary', version: '1.0.0' };
const CAPABILITIES = {
  tools: { listChanged: true },
  resources: { subscribe: true },
  prompts: {},
  extensions: { 'io.modelcontextprotocol/tasks': {} },
};
const LISTS = {
  'tools/list': 'tools',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
  'prompts/list': 'prompts',
};

function resultOf(upstream, { method, params: given }) {
  const params = given ?? {};
  if (method === 'initialize')
    return { protocolVersion: params.protocolVersion, capabilities: CAPABILITIES, serverInfo: INFO };
  if (method === 'server/discover')
    return {
      supportedVersions: ['2026-07-28'],
      capabilities: CAPABILITIES,
      _meta: { 'io.modelcontextprotocol/serverInfo': INFO },
      ttlMs: 0,
      cacheScope: 'private',
    };
  if (method === 'tasks/get') return TASK;
  if (method === 'tasks/update' || method === 'tasks/cancel') return {};
  if (method === 'ping' || (method.startsWith('resources/') && method.endsWith('subscribe'))) return {};
  const member = LISTS[method];
  if (member !== undefined)
    return { [member]: DEFINITIONS(upstream, state)[member] ?? [], ttlMs: 0, cacheScope: 'private' };
  if (method === 'resources/read')
    return { contents: [{ uri: params.uri, text: `read at ${upstream}` }], ttlMs: 0, cacheScope: 'private' };
  if (method === 'prompts/get')
    return { messages: [{ role: 'user', content: { type: 'text', text: `for ${upstream}` } }] };
  return undefined;
}

function record(upstream, request, { method, params }) {
  if (!EFFECTS.includes(method)) return;
  const { _meta: meta = {}, name, uri, arguments: args } = params ?? {};
  received.push({ upstream, method, name: name ?? uri, arguments: args, meta, headers: request.headers });
}

async function answerMcp(upstream, request, response) {
  if (request.method !== 'POST') {
    response.writeHead(405).end();
    return;
  }
  const body = await text(request);
  let message;
  try {
    message = JSON.parse(body);
  } catch {
    response.writeHead(400).end();
    return;
  }
  // A gateway that lets everything through lets batches through as well.
  if (Array.isArray(message)) {
    for (const one of message) record(upstream, request, one ?? {});
    response.writeHead(202).end();
    return;
  }
  record(upstream, request, message ?? {});
  if (message.id === undefined) {
    response.writeHead(202).end();
    return;
  }
  const reply = (rest) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...rest }));
  };
  if (message.method === 'tools/call') {
    answerCall({ upstream, request, response, message, reply });
    return;
  }
  const result = resultOf(upstream, message);
  if (result === undefined) reply({ error: { code: -32601, message: 'no such method' } });
  else reply({ result: { resultType: 'complete', ...result } });
}

const server = createServer(async (request, response) => {
  const [, first, second] = request.url.split('/');
  if (first === 'received') {
    response.end(JSON.stringify(received));
    received = [];
  } else if (first === 'turn') {
    state.turncoat = second;
    response.end();
  } else if (second === 'mcp') await answerMcp(first, request, response);
  else {
    // Nobody has any business here: what is fetched by a reference in a schema, say, is an effect.
    received.push({
      upstream: 'elsewhere',
      method: request.method,
      name: request.url,
      headers: request.headers,
    });
    response.writeHead(404).end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(`listening http://127.0.0.1:${server.address().port}`));
process.on('SIGTERM', () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).resume();
