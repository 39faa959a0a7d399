import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ROOT } from '../../source-tree.ts';
import { OperatorGround, RUNTIME_FLAGS, Running } from '../operator-ground.ts';
import { CLI, LEFT, NODE, ProgramRun } from './program-run.ts';

/** What whoever starts an instance has open is nothing of its servers'. */

let ground: OperatorGround;
beforeEach(() => {
  ground = new OperatorGround();
});
afterEach(() => ground.remove());

const SERVER = join(ROOT, 'tests/journeys/operator-upstream.mjs');
/** Says what it was given, then becomes the server. */
const LISTING = `{ ls /dev/fd/ | tr "\\n" " "; for fd in 9 40 251; do cat /dev/fd/$fd; done; echo done; } > opened 2>&1
exec "$0" --no-warnings ${SERVER}`;

it('P8 no file that its caller had open is open in a server', async () => {
  const box = { ...ground.upstream(), command: ['/bin/sh', '-c', LISTING, NODE] };
  ground.write(
    'lanyard.yaml',
    ground.configuration({ upstreams: `upstreams: { box: ${JSON.stringify(box)} }` }),
  );
  writeFileSync(join(ground.directory, LEFT), 'what its caller had open');
  // As a shell would, below and beyond the descriptors that the runtime marks by itself.
  const opened = ['9', '40', '251'].map((fd) => `exec ${fd}<>'${join(ground.directory, LEFT)}'`).join('\n');
  const words = [NODE, ...RUNTIME_FLAGS, CLI, 'up', '-c', ground.config];
  const child = spawn('bash', ['-c', `${opened}\nexec "$@"`, 'bash', ...words], {
    cwd: ground.directory,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const running = new Running(ground, child);
  try {
    await running.url();
    const said = ground.read('work/opened');
    expect(said).not.toContain('what its caller had open');
    // 3 is the listing's own.
    expect(said).toMatch(/^0 1 2 3 \n?/);
  } finally {
    await running.end();
  }
});

it('is not mistaken for what the runtime itself reads: the certificates that the environment names', async () => {
  ground.write('lanyard.yaml', ground.configuration());
  const running = await ground.up();
  await running.url();
  const certificates = join(ground.directory, 'certificates');
  execFileSync('mkfifo', [certificates]);
  const writer = openSync(certificates, 'r+');
  const token = await ground.token();
  const command = ['sh', '-c', 'sleep 3; echo ran'];
  const flags = ['--no-cgroup', '--no-namespaces'];
  const environment = { NODE_EXTRA_CA_CERTS: certificates };
  const run = new ProgramRun(ground, 'writer', token, flags, command, ground.directory, environment);
  // Long enough for it to come to where it closes files; there it is to wait.
  await wait(2000);
  // More than is read at a time.
  writeSync(writer, rootCertificates.slice(0, 30).join('\n'));
  closeSync(writer);
  expect(await run.ended).toBe(0);
  expect(run.stdout).toBe('ran\n');
  expect(run.stderr).not.toContain('extra certs');
  await running.end();
});
