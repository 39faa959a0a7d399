/**
 * Runs within the namespaces of a run, as `node inside.ts SOCKET PORT -- CMD…`: the port on the loopback there is the
 * run's door outside. Knows nothing, holds nothing and imports nothing of Lanyard.
 */
import { spawn } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { constants } from 'node:os';

const [door = '', port = '0', , program = '', ...args] = process.argv.slice(2);
const open = new Set<Socket>();
const server = createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ path: door, allowHalfOpen: true });
  for (const one of [near, far]) {
    open.add(one);
    one.on('close', () => open.delete(one));
  }
  near.on('error', () => far.destroy());
  far.on('error', () => near.destroy());
  near.on('close', () => far.destroy());
  far.on('close', () => near.destroy());
  near.pipe(far).pipe(near);
});
server.on('error', (error) => {
  process.stderr.write(`lanyard run: the door cannot be opened within: ${error.message}\n`);
  process.exitCode = 126;
});
const UNSTARTED: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program',
  EACCES: 'it is no program, or this user may not run it',
};
server.listen(Number(port), '127.0.0.1', () => {
  const child = spawn(program, args, { stdio: 'inherit' });
  // The program is in the same group and gets every signal itself; this one lives until it has ended.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const)
    process.on(name, () => undefined);
  child.on('error', (error: NodeJS.ErrnoException) => {
    const why = UNSTARTED[error.code ?? ''] ?? error.message;
    process.stderr.write(`lanyard run: ${program} cannot be started: ${why}\n`);
    process.exitCode = 127;
    server.close();
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
    server.close();
    // The namespace ends with this process, and every daemon in it.
    for (const socket of open) socket.destroy();
  });
});
