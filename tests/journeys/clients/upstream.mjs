// A stdio upstream of 2025-06-18 for the journeys of clients. What arrives is appended to RECEIVED.
//   tools        echo, and those below; MANY more, in pages of its own
//   leak         answers with SECRET as `how` says
//   steps        tells progress 1, 2, 3 and answers when `release` is called
//   DEFINITIONS  a JSON file of definitions by name, which change those above or add to them; told of when it changes
import { appendFileSync, readFileSync, watchFile } from 'node:fs';

const { RECEIVED, SECRET = '', MANY = '0', DEFINITIONS } = process.env;
const PAGE = 500;
const text = { type: 'string' };
const tool = (name, properties, description = 'Does it') => ({
  name,
  description,
  inputSchema: { type: 'object', properties },
});

function tools() {
  const all = [tool('echo', { text }), tool('leak', { how: text }), tool('steps', {}), tool('release', {})];
  for (let index = 0; index < Number(MANY); index++) all.push(tool(`many-${index}`, {}));
  const changed = DEFINITIONS === undefined ? {} : JSON.parse(readFileSync(DEFINITIONS, 'utf8'));
  const added = Object.keys(changed).filter((name) => !all.some((one) => one.name === name));
  return [...all, ...added.map((name) => tool(name, {}))].map((one) => ({ ...one, ...changed[one.name] }));
}

function list(cursor) {
  const at = Number(cursor ?? 0);
  const all = tools();
  return {
    tools: all.slice(at, at + PAGE),
    ...(at + PAGE < all.length ? { nextCursor: String(at + PAGE) } : {}),
  };
}

const bytes = Buffer.from(SECRET);
const LEAKS = {
  plain: () => SECRET,
  base64: () => bytes.toString('base64'),
  'base64 in the middle': () => Buffer.from(`token=${SECRET};`).toString('base64'),
  base64url: () => bytes.toString('base64url'),
  hex: () => bytes.toString('hex'),
  'upper hex': () => bytes.toString('hex').toUpperCase(),
  percent: () => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  'percent where needed': () => encodeURIComponent(SECRET),
  escaped: () => JSON.stringify(JSON.stringify(SECRET)),
};

const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const answer = (id, words) => say({ id, result: { content: [{ type: 'text', text: words }] } });

const CALLS = {
  echo: (id, { arguments: args }) => answer(id, args.text ?? ''),
  leak(id, { arguments: { how } }) {
    if (how === 'error')
      say({ id, error: { code: -32000, message: `no ${SECRET}`, data: { [SECRET]: SECRET } } });
    else if (how === 'stderr') process.stderr.write(`trouble with ${SECRET}\n`, () => answer(id, 'told'));
    else if (how === 'structured')
      say({
        id,
        result: { content: [], structuredContent: { [SECRET]: [SECRET] }, _meta: { 'x/y': SECRET } },
      });
    else answer(id, LEAKS[how]());
  },
  steps(id, { _meta }) {
    for (let progress = 1; progress <= 3; progress++) {
      say({
        method: 'notifications/progress',
        params: { progressToken: _meta.progressToken, progress, message: `step ${SECRET}` },
      });
    }
    held.push(id);
  },
  release(id) {
    for (const one of held.splice(0)) answer(one, 'done');
    answer(id, 'released');
  },
};
const held = [];

function handle({ id, method, params }) {
  if (id === undefined) return;
  if (method === 'tools/call') {
    const call = CALLS[params.name];
    if (call === undefined) answer(id, 'done');
    else call(id, params);
  } else if (method === 'tools/list') say({ id, result: list(params?.cursor) });
  else if (method === 'initialize') {
    const serverInfo = { name: 'plain', version: '1.0.0' };
    say({
      id,
      result: { protocolVersion: '2025-06-18', capabilities: { tools: { listChanged: true } }, serverInfo },
    });
  } else if (method === 'ping') say({ id, result: {} });
  else say({ id, error: { code: -32601, message: 'unknown method' } });
}

let rest = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => {
  if (RECEIVED !== undefined) appendFileSync(RECEIVED, chunk);
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) handle(JSON.parse(line));
});

if (DEFINITIONS !== undefined)
  watchFile(DEFINITIONS, { interval: 20 }, () => say({ method: 'notifications/tools/list_changed' }));
process.stdin.on('end', () => process.exit(0));
