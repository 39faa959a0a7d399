// A stdio upstream for the operator's journeys. Its tools stand in TOOLS_FILE, one name a line, read at each listing;
// `wait` never answers, `tell` answers what SECRET holds, `late` what TEXT_FILE holds where there is one. It greets on stderr with a terminal's escape and the secret.
import { readFileSync } from 'node:fs';

const { TOOLS_FILE, TEXT_FILE, SECRET = 'nothing' } = process.env;
process.stderr.write(`\u001b[2J upstream up with ${SECRET}\n`);

function tools() {
  const lines = readFileSync(TOOLS_FILE, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [name, description = 'Does it'] = line.split(' | ');
    return { name, description, inputSchema: { type: 'object', properties: { id: { type: 'string' } } } };
  });
}

function textOf(name) {
  if (name === 'late' && TEXT_FILE !== undefined) return readFileSync(TEXT_FILE, 'utf8');
  return name === 'tell' ? SECRET : 'done';
}

function answer({ method, params }) {
  switch (method) {
    case 'tools/call':
      return params.name === 'wait' ? undefined : { content: [{ type: 'text', text: textOf(params.name) }] };
    case 'tools/list':
      return { tools: tools() };
    case 'initialize':
      return {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'plain', version: '1.0.0' },
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
