import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeStopCode } from '../../../src/pipeline/credentials/stop-codes.ts';
import { OutsideGround } from './outside-ground.ts';
import { StopTopic } from './topic.ts';

/** A stop over a topic that the instance itself reads, on a real instance. */

let topic: StopTopic;
let outside: OutsideGround;
let token: string;
let codes: string[];
beforeAll(async () => {
  topic = await StopTopic.open();
  outside = await OutsideGround.open({ stopChannel: `stopChannel: { url: "${topic.url}" }` });
  token = (await outside.ada.do('/v1/agents/writer/token')).body.token;
  codes = await newCodes();
});
afterAll(async () => {
  await outside?.ground.remove();
  topic?.close();
});

const call = async () => (await outside.running.call(token, 'look')).text;

/** The codes on a page that was handed out now. */
async function newCodes(): Promise<string[]> {
  const { status, body } = await outside.ada.post('/v1/stop-page');
  expect(status).toBe(200);
  return [...new Set(body.page.match(/[0-9A-Z]{4}(-[0-9A-Z]{4}){4}/g) as string[])];
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await pause(50);
}
const expectStopped = () => until(async () => (await call()).includes('FROZEN'));
const left = async () => (await outside.ada.get('/v1/stop-keys')).body.codes as number;

describe('a code over the channel', () => {
  it('P4 stops once, by the person whose it is, and is spent', async () => {
    expect(await left()).toBe(12);
    topic.publish(`lanyard-stop ${codes[0]} all frozen`);
    await expectStopped();
    await until(async () => (await left()) === 11);
    const [last] = (await outside.ground.entries('containment.stopped')).slice(-1);
    expect(last).toMatchObject({ scope: 'all', level: 'frozen', by: 'stop-code', person: 'ada' });
    expect(await outside.release()).toBe(200);
    // Again, and by a form as a browser without a script sends it: nothing.
    topic.publish(`lanyard-stop ${codes[0]} all frozen`);
    topic.publish(`lanyard-stop=${codes[0]} all frozen\r\n`);
    // What follows is read after it.
    topic.publish(`lanyard-stop=${codes[1]} agent:other watched\r\n`);
    await until(async () => (await left()) === 10);
    expect(await call()).not.toContain('FROZEN');
    const agents = await outside.ada.get('/v1/agents');
    expect(JSON.stringify(agents.body)).toContain('watched');
    expect(await outside.release('agent:other')).toBe(200);
  });

  it('is not held up by wrong ones, and opens nothing: no release, no approval, no key', async () => {
    for (let i = 0; i < 2000; i++) topic.publish(`lanyard-stop ${makeStopCode()} all frozen`);
    topic.publish('x'.repeat(100_000));
    topic.publish(`lanyard-release ${makeStopCode()} all`);
    topic.publish(`${codes[2]} all live`);
    await expectStopped();
    topic.publish(`${codes[3]} release all`);
    await until(async () => (await left()) === 8);
    expect(await call()).toContain('FROZEN');
    expect((await outside.stop({ what: 'all' }, codes[4])).status).toBe(401);
    expect(await outside.release()).toBe(200);
  });

  it('stops everything where nobody has the name that it was sent for: there is no way to ask back', async () => {
    const [code = ''] = (await newCodes()).slice(-1);
    topic.publish(`lanyard-stop ${code} agent:writr frozen`);
    await expectStopped();
    expect((await outside.ground.entries('containment.stopped')).at(-1)).toMatchObject({ scope: 'all' });
    expect(await outside.release()).toBe(200);
  });

  it('is read after a restart, where it was sent while nobody read; a spent one stays spent', async () => {
    await outside.running.end('SIGKILL');
    topic.publish(`${codes[4]} all`);
    await outside.up();
    await expectStopped();
    expect(await outside.release()).toBe(200);
    await outside.running.end();
    await outside.up();
    topic.publish(`${codes[5]} agent:writer`);
    await expectStopped();
    const stops = await outside.ground.entries('containment.stopped');
    expect(stops.slice(-2).map(({ scope }) => scope)).toEqual(['all', 'agent:writer']);
    expect(await outside.release('agent:writer')).toBe(200);
  });

  it('ends with the page of a phone that was lost', async () => {
    expect((await outside.ada.post('/v1/stop-page/revoke')).status).toBe(200);
    topic.publish(`${codes[6]} all`);
    const fresh = await newCodes();
    topic.publish(`${fresh[0]} agent:other`);
    await until(async () => (await left()) === 11);
    expect(await call()).not.toContain('FROZEN');
    expect(await outside.release('agent:other')).toBe(200);
  });
});

describe('a channel that cannot be read', () => {
  it('stops nothing and releases nothing; it pages, and is a hole in what is covered', async () => {
    topic.broken = 500;
    topic.cut();
    await outside.running.says('nobody can stop over it');
    expect(await call()).not.toContain('FROZEN');
    await until(async () => {
      const alerts = await outside.ground.entries('alert.raised');
      return alerts.some(({ subject, page }) => subject === 'stop-channel' && page === true);
    });
    await until(async () => {
      const covered = await outside.ground.entries('instance.coverage');
      return JSON.stringify(covered).includes('stop-channel-unreachable');
    });
    topic.broken = null;
    await outside.running.says('can be read again');
  });
});

it('the log holds what all of that wrote', async () => {
  await outside.running.end();
  expect(await outside.ground.run('log verify --deep')).toMatchObject({ code: 0 });
});
