import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isJsonObject } from '../../src/base/json.ts';
import { ask } from '../../src/cli/instance.ts';
import { Grounds, Running } from '../faults/running-instance.ts';
import { fillDisk, mountSmallDisk, unmount } from '../faults/small-disk.ts';
import { ROOT } from '../source-tree.ts';

/** A file system of its own, and really full: a stop then is kept in the room that was kept free for it. */

const MEGABYTES = 8;
let grounds: Grounds;
let state: string;
let isMounted = false;
const running: Running[] = [];
beforeAll(async () => {
  grounds = await Grounds.make(1);
  state = join(grounds.directory, 'state');
  isMounted = mountSmallDisk(state, MEGABYTES);
});
afterAll(async () => {
  for (const one of running) await one.kill();
  if (isMounted) unmount(state);
  await grounds.remove();
});

async function up(): Promise<Running> {
  const one = new Running(grounds, [join(ROOT, 'lanyard'), 'up', '-c', grounds.configPath]);
  running.push(one);
  if (!(await one.ready())) throw new Error(one.stderr.join('\n'));
  return one;
}

const filler = () => join(state, 'filler');

test('P4 P7 a stop on a full disk holds, after a kill and a restart too, and then stands in the log', {
  timeout: 120_000,
}, async ({ skip }) => {
  if (!isMounted) skip('no file system can be mounted here, so that none can be filled');
  const one = await up();
  const token = await one.token('writer0');
  expect(await one.call(token, 'before')).toEqual({ kind: 'ok' });
  fillDisk(filler());
  // The log has some room of its own.
  let said = '';
  for (let i = 0; said === '' && i < 50_000; i += 64) {
    const some = Array.from({ length: 64 }, (_, n) => one.call(token, `room-${i + n}`));
    for (const answer of await Promise.all(some)) if ('code' in answer) said = answer.code;
  }
  expect(['STORE_UNAVAILABLE', 'OUTCOME_UNRECORDED', 'FROZEN']).toContain(said);
  const stopped = await ask(grounds.configPath, 'POST /v1/stop', { scope: 'agent:writer0', level: 'frozen' });
  expect(stopped).toMatchObject({ level: 'frozen', unrecorded: expect.any(String) });
  expect((await one.call(token, 'during')).kind).toBe('denied');
  // Evidence is wanted above all now: what the last checkpoint covers can be had, to another disk.
  const exported = await promisify(execFile)(
    join(ROOT, 'lanyard'),
    ['log', 'export', '-', '-c', grounds.configPath],
    { maxBuffer: Number.POSITIVE_INFINITY },
  );
  expect(exported.stdout).toContain('"format":"lanyard-log/1"');
  expect(exported.stderr).toContain(
    'No new checkpoint could be made; the last one stands. The disk of the state',
  );
  await one.kill();
  const full = new Running(grounds, [join(ROOT, 'lanyard'), 'up', '-c', grounds.configPath]);
  running.push(full);
  // What cannot be recorded does not start; whoever reads that is told what would help.
  expect(await full.ready()).toBe(false);
  expect(full.stderr[0]).toContain(`There is no room left on the disk that holds ${state}`);
  expect(full.stderr[1]).toContain(`\`df ${state}\` shows it`);
  rmSync(filler());

  const next = await up();
  expect(await next.call(token, 'after')).toMatchObject({ kind: 'denied', code: 'FROZEN' });
  const status = await ask(grounds.configPath, 'GET /v1/status');
  expect(isJsonObject(status) && status['levels']).toMatchObject({ 'agent:writer0': 'frozen' });
  expect(await next.stop()).toBe('0');
  const { entries, report } = await grounds.see();
  expect(report.holds).toBe(true);
  expect(entries.filter(({ scope }) => scope === 'agent:writer0')).toMatchObject([
    { kind: 'containment.stopped', level: 'frozen', by: 'start' },
    { kind: 'case.opened', level: 'frozen', stoppedBy: 'start' },
  ]);
  const ids = new Set(grounds.counted().map(({ id }) => id));
  expect([ids.has('before'), ids.has('during'), ids.has('after')]).toEqual([true, false, false]);
});
