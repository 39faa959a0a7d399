import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * The process that an instance starts as a stdio server while doctor looks at it: passes lines between its own stdin
 * and stdout and doctor's hub, argv: the hub's socket, which canary this is. A line from the hub that begins with # goes
 * to stderr. It first tells the hub what it finds in its environment. It imports nothing of ours: it runs as a copy.
 */
const [, , path = '', server = ''] = process.argv;
const hub = createConnection(path);
const environment = { ...process.env };
hub.write(`${JSON.stringify({ server, environment })}\n`);
process.stdin.pipe(hub);
const lines = createInterface({ input: hub });
lines.on('error', () => lines.close());
lines.on('line', (line) => {
  if (line.startsWith('#')) process.stderr.write(`${line.slice(1)}\n`);
  else process.stdout.write(`${line}\n`);
});
hub.on('close', () => process.stdin.destroy());
hub.on('error', () => process.stdin.destroy());
