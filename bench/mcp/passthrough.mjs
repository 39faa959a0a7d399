/** The least a proxy can do: node:http in, one stdio child out, ids swapped and nothing looked at. Prints its port. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const child = spawn(process.execPath, process.argv.slice(2), { stdio: ['pipe', 'pipe', 'inherit'] });
const waiting = new Map();
let next = 1;
let rest = '';
child.stdout.setEncoding('utf8');
child.stdout.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) {
    const message = JSON.parse(line);
    const { response, id } = waiting.get(message.id);
    waiting.delete(message.id);
    message.id = id;
    const body = JSON.stringify(message);
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  }
});
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const message = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (message.id === undefined) {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      response.writeHead(202, { 'Content-Length': 0 }).end();
      return;
    }
    const id = next++;
    waiting.set(id, { response, id: message.id });
    message.id = id;
    child.stdin.write(`${JSON.stringify(message)}\n`);
  });
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
process.on('SIGTERM', () => {
  child.kill();
  process.exit(0);
});
