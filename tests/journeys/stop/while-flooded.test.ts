import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { ROOT } from '../../source-tree.ts';
import { OutsideGround } from './outside-ground.ts';
import { StopTopic } from './topic.ts';

/** The door is flooded from loopback, and each way to stop still takes effect: seen at the canary upstream. */

const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node');
const UPSTREAM = join(ROOT, 'tests/journeys/operator-upstream.mjs');
/** The flood ends by itself after so long. */
const FLOOD_S = 300;

let outside: OutsideGround;
let topic: StopTopic;
let token: string;
let flood: ChildProcessByStdio<null, Readable, null>;
let answered = 0;
let codes: string[] = [];
beforeAll(async () => {
  topic = await StopTopic.open();
  outside = await OutsideGround.open((ground) => {
    // Everything that reaches the upstream is written down before it reads it.
    const canary = `tee -a '${join(ground.directory, 'arrived')}' | '${NODE}' --no-warnings '${UPSTREAM}'`;
    const limits = { attemptsPerMinute: 1e9, logBytesPerDay: 1e12 };
    const agents = [{ id: 'writer', owner: 'ada', purpose: 'Looks', limits }];
    return {
      agents: `agents: ${JSON.stringify(agents)}`,
      upstreams: `upstreams: ${JSON.stringify({ box: { ...ground.upstream(), command: ['/bin/sh', '-c', canary] } })}`,
      stopChannel: `stopChannel: { url: "${topic.url}" }`,
    };
  });
  token = (await outside.ada.do('/v1/agents/writer/token')).body.token;
  codes = (await outside.ada.post('/v1/stop-page')).body.page.match(/[0-9A-Z]{4}(-[0-9A-Z]{4}){4}/g);
  const url = `${await outside.running.url()}/mcp/box`;
  flood = spawn(NODE, [join(ROOT, 'tests/journeys/stop/flood.mjs'), url, token, String(FLOOD_S)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  flood.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    answered = Number(chunk.trim().split('\n').at(-1));
  });
});
afterAll(async () => {
  flood?.kill();
  await outside?.ground.remove();
  topic?.close();
});

/** Calls that have reached the upstream. */
function arrived(): number {
  const path = join(outside.ground.directory, 'arrived');
  return existsSync(path) ? readFileSync(path, 'utf8').split('"tools/call"').length - 1 : 0;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(20);
}

/** What had left before may still be on its way through the pipe: until nothing has come for so many looks. */
async function settled(): Promise<number> {
  let last = arrived();
  for (let same = 0; same < 5; ) {
    await pause(200);
    const now = arrived();
    same = now === last ? same + 1 : 0;
    last = now;
  }
  return last;
}

const stopFile = () => join(outside.ground.state, 'STOP');
const ways: Readonly<Record<string, () => Promise<void>>> = {
  'a key at the brake': async () => {
    expect(await outside.stop({ what: 'all' })).toMatchObject({
      status: 200,
      body: { inEffect: true, kept: true },
    });
  },
  'the operator socket': async () => {
    await ask(outside.ground.config, 'POST /v1/stop', { scope: 'all', level: 'frozen' });
  },
  SIGUSR2: async () => {
    outside.running.child.kill('SIGUSR2');
  },
  'the file STOP': async () => writeFileSync(stopFile(), ''),
  'a code over the channel': async () => {
    topic.publish(`lanyard-stop ${codes[0]} all frozen`);
  },
};

describe('while the door is flooded', () => {
  it.each(Object.keys(ways))('P4 %s stops: nothing reaches the upstream any more', async (name) => {
    const before = arrived();
    await until(() => arrived() > before + 20);
    await ways[name]?.();
    while (!(await outside.running.call(token, 'look')).text.includes('FROZEN')) await pause(20);
    const at = await settled();
    const seen = answered;
    // The flood goes on, and is answered; nothing of it goes up.
    await until(() => answered > seen + 200);
    expect(arrived()).toBe(at);
    rmSync(stopFile(), { force: true });
    expect(await outside.release()).toBe(200);
  });
});
