// A real server behind a record of its input: `node recorder.mjs RECORD PROGRAM ARGUMENT…`. Whatever is sent to the
// server is first written to RECORD, so that a call that must not reach it can be looked for there, whatever it does.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';

const [record, program, ...rest] = process.argv.slice(2);
const server = spawn(program, rest, { stdio: ['pipe', 'inherit', 'inherit'] });
server.stdin.on('error', () => {});
process.stdin.on('data', (bytes) => {
  appendFileSync(record, bytes);
  server.stdin.write(bytes);
});
process.stdin.on('end', () => server.stdin.end());
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => server.kill(signal));
server.on('error', (fault) => {
  console.error(fault.message);
  process.exit(127);
});
server.on('exit', (code, signal) => process.exit(signal === null ? code : 1));
