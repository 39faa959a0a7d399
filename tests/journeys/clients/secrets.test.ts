import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixture, GovernedInstance, type HttpFixture, startHttpFixture } from '../instance.ts';
import { CLIENTS } from './connect.ts';

/** P8 through real processes: an upstream that was entrusted with a secret tells it in every way it can think of. */

const SECRET = 'Kestrel over "Höga" hill/+ 40\\%';
const HEADER_SECRET = 'Bearer of-the-telling-upstream';
const LEAKS = [
  'plain',
  'base64',
  'base64 in the middle',
  'base64url',
  'hex',
  'upper hex',
  'percent',
  'percent where needed',
  'escaped',
  'structured',
  'stderr',
];

let instance: GovernedInstance;
let telling: HttpFixture;
beforeAll(async () => {
  telling = await startHttpFixture('hostile-http.mjs', '--tell');
  instance = await GovernedInstance.start((ground) => ({
    upstreams: {
      telling: { url: telling.url, headers: { Authorization: 'env:TELLING_SECRET' } },
      box: fixture(ground, join(import.meta.dirname, 'upstream.mjs'), [], {
        SECRET: 'env:BOX_SECRET',
      }),
    },
    plain: ['echo', 'leak', 'steps', 'release'],
    env: { BOX_SECRET: SECRET, TELLING_SECRET: HEADER_SECRET },
  }));
});
afterAll(async () => {
  await instance.stop();
  await telling.stop();
});

const bytes = Buffer.from(SECRET);
/** What base64 makes of it whatever stands before it: its middle, at each of the three offsets. */
const cores = [0, 1, 2].map((before) => {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  return text.slice(before === 0 ? 0 : 4, -4);
});
const FORMS = [
  SECRET,
  'Kestrel over',
  'of-the-telling-upstream',
  JSON.stringify(SECRET).slice(1, -1),
  ...cores,
  bytes.toString('hex'),
  encodeURIComponent(SECRET),
  [...bytes].map((byte) => byte.toString(16)).join('%'),
];

function expectNoSecret(text: string): void {
  const plain = text.toLowerCase();
  for (const form of FORMS) expect(plain).not.toContain(form.toLowerCase());
}

it.each(CLIENTS)('P8 %s hears nothing of it', async (_, __, connect) => {
  const client = await connect(instance, 'box');
  for (const how of LEAKS) {
    const answer = JSON.stringify(await client.call('leak', { how }));
    expectNoSecret(answer);
    expect(answer).toContain(how === 'stderr' ? 'told' : '[secret]');
  }
  const failed = await client.call('leak', { how: 'error' }).catch((fault: unknown) => fault);
  expectNoSecret(`${String(failed)}${JSON.stringify(failed)}`);
  expect(String(failed)).toContain('[secret]');
  // What an agent has learned elsewhere is not kept either.
  expectNoSecret(JSON.stringify(await client.call('echo', { text: SECRET })));
  const told: string[] = [];
  let released: Promise<object> | undefined;
  await client.call(
    'steps',
    {},
    {
      onprogress: (progress) => {
        told.push(JSON.stringify(progress));
        if (progress.progress === 3) released = client.call('release', {});
      },
    },
  );
  await released;
  expect(told).toHaveLength(3);
  expectNoSecret(told.join());
  await client.close();
});

it('P8 nor does the log, anything in the state, or the instance itself tell it', async () => {
  const shown = await instance.ground.run('log show --json');
  expect(shown.stdout.match(/"operation":"mcp:box\/leak"/g)?.length).toBeGreaterThan(80);
  expectNoSecret(shown.stdout);
  await instance.expectLogToHold();
  const files = (when: string) => {
    const state = join(instance.ground.directory, 'state');
    const names = readdirSync(state, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    expect(names.map(({ name }) => name)).toContain('log.sqlite');
    for (const { name, parentPath } of names) {
      expectNoSecret(readFileSync(join(parentPath, name), 'utf8'));
      expectNoSecret(readFileSync(join(parentPath, name), 'latin1'));
    }
    return when;
  };
  expect(files('running')).toBe('running');
  expectNoSecret(instance.ground.read('bundle.ndjson'));
  expect(await instance.running.end()).toBe('0');
  expect(files('ended')).toBe('ended');
  expect(instance.running.stderr).toContain('telling');
  expect(JSON.stringify(await telling.received())).toContain(HEADER_SECRET);
  expectNoSecret(instance.running.stderr);
  expectNoSecret(instance.running.stdout);
});
