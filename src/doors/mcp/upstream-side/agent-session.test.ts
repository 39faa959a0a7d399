import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  createClients,
  execute,
  stdioUpstream,
  textOf,
} from '../../../../tests/fixtures/upstreams/client.ts';
import type { Cut } from '../../../pipeline/stop/live.ts';
import type { UpstreamHalt } from '../../../pipeline/stop/upstream-halt.ts';

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('P4 killed, a server that would go on as long as it is let is gone at once; frozen, it stays', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-'));
  const pids = join(directory, 'pids');
  const cuts: ((level: Cut) => unknown)[] = [];
  const halt: UpstreamHalt = {
    register({ cut }) {
      cuts.push(cut);
      return () => undefined;
    },
    mayOpen: () => true,
  };
  const config = stdioUpstream('hostile', 'hostile-stdio.mjs', ['--stubborn'], { env: { PIDS: pids } });
  const never = 2 ** 31 - 1;
  const clients = createClients(
    [config],
    { probeMs: 20_000, childEndMs: { closed: never, terminated: 0 } },
    halt,
  );
  try {
    await clients.start();
    const session = await clients.open('hostile', '2025');
    const pid = Number(textOf(await execute(session, 'pid')));
    expect(cuts.map((cut) => cut('frozen'))).toEqual([null]);
    expect(isAlive(pid)).toBe(true);
    await Promise.all(cuts.map((cut) => cut('killed')));
    expect(isAlive(pid)).toBe(false);
  } finally {
    // Those that were met before any agent came are nobody's, and here would never end by themselves.
    for (const pid of readFileSync(pids, 'utf8').trim().split('\n').map(Number))
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    await clients.stop();
    rmSync(directory, { recursive: true });
  }
});
