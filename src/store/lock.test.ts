import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireLock } from './lock.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lanyard-lock-'));
  path = join(dir, 'lock');
});
afterEach(() => rmSync(dir, { recursive: true }));

test('one holder at a time, and the file is private', () => {
  const lock = acquireLock(path);
  expect(lock).not.toBeNull();
  expect(acquireLock(path)).toBeNull();
  lock?.release();
  lock?.release();
  const again = acquireLock(path);
  expect(again).not.toBeNull();
  again?.release();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

/** Another process that tries for the lock, says `held` or `refused`, and stays. */
async function startRival(): Promise<{ said: string; kill(): Promise<void> }> {
  const code = `
    import { acquireLock } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
    process.stdout.write(acquireLock(${JSON.stringify(path)}) === null ? 'refused' : 'held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(child.stdout, 'data');
  const kill = async () => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return { said: String(said), kill };
}

test('kill -9 of the holder frees it', async () => {
  const rival = await startRival();
  expect(rival.said).toBe('held');
  expect(acquireLock(path)).toBeNull();
  await rival.kill();
  const lock = acquireLock(path);
  expect(lock).not.toBeNull();
  lock?.release();
});

test('a refused second try in the same process does not let go of the first', async () => {
  const lock = acquireLock(path);
  expect(acquireLock(path)).toBeNull();
  const rival = await startRival();
  expect(rival.said).toBe('refused');
  await rival.kill();
  lock?.release();
});

test('a path that cannot be a lock is an error, never a lock', () => {
  expect(() => acquireLock(join(dir, 'missing', 'lock'))).toThrow();
  writeFileSync(path, 'this is no database, and long enough that SQLite looks at its header twice');
  expect(() => acquireLock(path)).toThrow();
});
