import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer } from '../../base/http.ts';
import { LIMITS } from '../../base/limits.ts';
import { revokeSecret } from './secret.ts';
import { runStep } from './step.ts';

const never = new AbortController().signal;
const shell = (script: string, timeoutMs = 60_000, env: Readonly<Record<string, string>> = {}) =>
  ({ command: ['/bin/sh', '-c', script], cwd: '/', env, timeoutMs }) as const;

let url = '';
const server = createServer(({ url: path = '', method, headers }, response) => {
  if (path === '/never') return;
  const { authorization } = headers;
  response.writeHead(Number(path.slice(1)), { location: '/204', 'x-seen': `${method} ${authorization}` });
  response.end();
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const request = (path: string, timeoutMs = 60_000) =>
  ({ url: `${url}${path}`, method: 'POST', headers: {}, timeoutMs }) as const;

describe('a step', () => {
  it.each([
    ['exit 0', 'done'],
    ['exit 3', 'refused'],
    ['exit 127', 'unclear'],
    ['kill -9 $$', 'unclear'],
  ])('that is a program: %s is %s', async (script, end) => {
    expect(await runStep(shell(script), never)).toMatchObject({ end });
  });

  it.each([
    [200, 'done'],
    [204, 'done'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [302, 'unclear'],
    [429, 'unclear'],
    [500, 'unclear'],
  ])('that is a request: HTTP %s is %s', async (status, end) => {
    expect(await runStep(request(`/${status}`), never)).toMatchObject({ end, how: `HTTP ${status}` });
  });

  it('that cannot be begun proves nothing', async () => {
    const missing = { command: ['/nowhere/at-all'], cwd: '/', env: {}, timeoutMs: 1000 };
    expect(await runStep(missing, never)).toMatchObject({
      end: 'unclear',
      how: expect.stringContaining('ENOENT'),
    });
    const closed = { ...request('/200'), url: 'http://127.0.0.1:1/' };
    expect(await runStep(closed, never)).toMatchObject({
      end: 'unclear',
      how: expect.stringContaining('no answer'),
    });
    const torn = { ...request('/200'), headers: { authorization: 'a\nb' } };
    expect(await runStep(torn, never)).toMatchObject({ end: 'unclear' });
  });

  it('ends in its time, with all that it has begun', async () => {
    expect(await runStep(shell('sleep 60 & wait', 100), never)).toMatchObject({
      end: 'unclear',
      how: 'it took longer than 0.1 s',
    });
    expect(await runStep(request('/never', 100), never)).toMatchObject({ how: 'it took longer than 0.1 s' });
    // What is left running holds its pipes.
    expect(await runStep(shell('sleep 60 & exit 0'), never)).toMatchObject({ end: 'done' });
  });

  it('is given what is configured, and nothing else of the environment', async () => {
    const { said } = await runStep(shell('env; exit 1', 60_000, { GIVEN: 'yes' }), never);
    expect(said).toContain('GIVEN=yes');
    expect(said).not.toContain('VITEST');
  });

  it('keeps a bounded end of what a program says', async () => {
    const { said = '' } = await runStep(shell('yes x | head -c 1000000; echo end; exit 1'), never);
    expect(said.length).toBeLessThanOrEqual(LIMITS.revokeReadBytes);
    expect(said.endsWith('end\n')).toBe(true);
  });

  it('stops with Lanyard', async () => {
    const ending = new AbortController();
    const running = runStep(shell('sleep 60'), ending.signal);
    ending.abort();
    expect(await running).toMatchObject({ end: 'unclear' });
  });
});

const directory = mkdtempSync(join(tmpdir(), 'revoke-'));
afterAll(() => rmSync(directory, { recursive: true }));
/** What is there as long as a secret works. */
function valid(name: string): string {
  const path = join(directory, name);
  writeFileSync(path, '');
  return path;
}
const reads = (name: string) => shell(`test -e ${join(directory, name)}`);

describe.concurrent('P4 that a secret was revoked', () => {
  it('is proved by a read that worked before and is refused now', async () => {
    const revoke = { step: shell(`rm ${valid('proved')}`), verify: reads('proved') };
    expect(await revokeSecret(revoke, never)).toEqual({ attempts: 1, proved: true });
  });

  it('is not by one that was refused before already', async () => {
    const revoke = { step: shell('exit 0'), verify: request('/401') };
    expect(await revokeSecret(revoke, never)).toEqual({
      attempts: 1,
      proved: false,
      failed: 'nothing proves it: the read is refused, and did not work before either (HTTP 401)',
    });
  });

  it.each([
    ['answered still', '/200', 'works still'],
    ['ended otherwise', '/500', 'nothing proves it'],
  ])('is not where the read is %s', async (_, path, failed) => {
    const revoke = { step: shell('exit 0'), verify: request(path) };
    expect(await revokeSecret(revoke, never)).toEqual({
      attempts: 1,
      proved: false,
      failed: expect.stringContaining(failed),
    });
  });

  it('is not proved where no read is named', async () => {
    expect(await revokeSecret({ step: request('/204'), verify: null }, never)).toEqual({
      attempts: 1,
      proved: false,
    });
  });

  it('is tried again, so many times and no more', async () => {
    const revoke = { step: shell(`rm -f ${valid('again')}; echo no; exit 3`), verify: reads('again') };
    expect(await revokeSecret(revoke, never)).toEqual({
      attempts: LIMITS.revokeTries,
      proved: true,
      said: 'no\n',
      failed: 'the step was not done: exit 3',
    });
  });
});
