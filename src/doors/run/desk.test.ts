import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import { type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { Runs } from '../../pipeline/credentials/runs.ts';
import { mintToken } from '../../pipeline/credentials/tokens.ts';
import { createRunDesk, RUN_PROTOCOL, type RunDesk } from './desk.ts';
import { launchOf } from './launch.ts';
import { hear, tell } from './lines.ts';

/** The instance's side of a run, with a command that does not keep to what it should do. */

let house: TestHouse;
let desk: RunDesk;
let token: string;
let doors: { isOpen: boolean }[];
let timeMs: number;
let doorless: Problem | null = null;
let runs: Runs;
const server = createServer().on('upgrade', (req, socket) => desk.take(req, socket));

beforeAll(async () => {
  house = await TestHouse.open();
  const { tokens, standing } = house.house;
  runs = new Runs(house.rooms, tokens, (then) => standing.watch(then));
  desk = createRunDesk({
    runs,
    whyNoDoor: () => doorless,
    openDoor: async () => {
      const door = { isOpen: true };
      doors.push(door);
      return { place: { port: 1 }, close: () => (door.isOpen = false) };
    },
    termsOf: () => ({}),
    timeOf: () => timeMs,
    log: (line) => house.told.push(line),
  });
  server.listen(join(house.directory, 'desk.sock'));
  await once(server, 'listening');
});
beforeEach(() => {
  doors = [];
  timeMs = 3_600_000;
  doorless = null;
  const made = mintToken({ agent: 'writer' }, house.rooms.clock.now(), 3_600_000);
  house.house.tokens.put(made.record);
  token = made.token;
});
afterAll(async () => {
  await desk.drain();
  server.close();
  await house.close();
  removeDirectory(house.directory);
});

class Command {
  readonly heard: JsonObject[] = [];
  readonly socket: Duplex;

  private constructor(socket: Duplex) {
    this.socket = socket;
    hear(socket, (message) => this.heard.push(message));
  }

  static async begin(held: readonly string[] = []): Promise<Command> {
    const sent = request({
      socketPath: join(house.directory, 'desk.sock'),
      headers: { Connection: 'Upgrade', Upgrade: RUN_PROTOCOL },
    }).end();
    const [, socket] = (await once(sent, 'upgrade')) as [unknown, Duplex];
    const command = new Command(socket);
    tell(socket, { begin: { agent: 'writer', token, command: ['x'], directory: '/', held: [...held] } });
    return command;
  }

  async hears(what: string): Promise<JsonObject> {
    await expect.poll(() => this.heard.some((one) => what in one)).toBe(true);
    const found = this.heard.find((one) => what in one)?.[what];
    return typeof found === 'object' ? (found as JsonObject) : {};
  }

  /** A program as the command starts it, which waits for the word that the instance has hold of it. */
  spawn() {
    const [shell = '', ...args] = launchOf({ command: ['sleep', '600'], run: 'test-desk' });
    const child = spawn(shell, args, { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    tell(this.socket, { spawned: { pid: child.pid ?? 0 } });
    return child;
  }
}

const ofRuns = () => house.house.tokens.all().filter(({ exchangedFor }) => exchangedFor !== undefined);
let seen = 0;
/** The ends that were recorded since this was last asked and found some. */
const ends = async () => {
  const all = (await house.see()).entries.filter(({ kind }) => kind === 'run.ended');
  const fresh = all.slice(seen);
  seen = all.length;
  return fresh;
};

test('a run that can be given no door is refused with the reason, and nothing of it begins', async () => {
  doorless = problem('SOCKET_PLACE_TAKEN', { path: '/tmp/x', what: 'is a link', help: 'remove it' });
  const before = (await house.see()).entries.length;
  const command = await Command.begin();
  expect(await command.hears('refused')).toEqual(doorless);
  expect([doors, ofRuns()]).toEqual([[], []]);
  expect((await house.see()).entries).toHaveLength(before);
  command.socket.destroy();
});

test('a command that is lost while its run is recorded leaves no token and no door', async () => {
  house.store.faultNext('hold', 'run.started');
  const command = await Command.begin();
  const held = await house.store.held();
  command.socket.destroy();
  await once(command.socket, 'close');
  held.release();
  await expect.poll(ends).toMatchObject([{ why: 'its command was lost' }]);
  expect(ofRuns()).toEqual([]);
  expect(doors.filter(({ isOpen }) => isOpen)).toEqual([]);
});

test('P4 a run that is killed has no token and no door from that tick on, and ends without its command', async () => {
  const command = await Command.begin();
  await command.hears('begun');
  const child = command.spawn();
  await command.hears('go');
  expect(ofRuns()).toHaveLength(1);
  const { settled } = house.rooms.halt.tighten('agent:writer', 'killed');
  expect(ofRuns()).toEqual([]);
  expect(doors).toEqual([{ isOpen: false }]);
  await settled;
  expect(existsSync(`/proc/${child.pid}/exe`)).toBe(false);
  // It never says that the program has ended; that is recorded all the same.
  await expect.poll(ends, { timeout: LIMITS.runReportMs * 10 }).toMatchObject([{ why: 'killed' }]);
  house.rooms.halt.set('agent:writer', 'live');
});

test('P4 a run that is released between the freezing and the killing of its processes dies all the same', async () => {
  const command = await Command.begin();
  await command.hears('begun');
  const child = command.spawn();
  await command.hears('go');
  const { halt } = house.rooms;
  halt.tighten('agent:writer', 'frozen');
  const { settled } = halt.tighten('agent:writer', 'killed');
  halt.set('agent:writer', 'live');
  await settled;
  await expect.poll(() => existsSync(`/proc/${child.pid}/exe`)).toBe(false);
  await expect.poll(ends, { timeout: LIMITS.runReportMs * 10 }).toMatchObject([{ why: 'killed' }]);
  expect(command.heard.filter((one) => 'resume' in one)).toEqual([]);
});

test('when its time is over it is killed, and its token is good for nothing', async () => {
  timeMs = 1;
  const command = await Command.begin();
  await command.hears('begun');
  const child = command.spawn();
  await command.hears('cut');
  expect(ofRuns()).toEqual([]);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  tell(command.socket, { ended: { code: null, signal: 'SIGKILL' } });
  await command.hears('closed');
  expect(await ends()).toMatchObject([{ why: 'its time was over', signal: 'SIGKILL' }]);
});

test('what is said to be held by a control group that is not there does not begin', async () => {
  const command = await Command.begin(['process-group', 'cgroup']);
  const { run } = await command.hears('begun');
  tell(command.socket, { spawned: { pid: process.pid, cgroup: `/sys/fs/cgroup/none/lanyard-${run}` } });
  expect(await command.hears('refused')).toMatchObject({ code: 'RUN_NOT_HELD' });
  expect(command.heard.some((one) => 'go' in one)).toBe(false);
  command.socket.destroy();
  await expect.poll(ends).toHaveLength(1);
});

test('programs that begin at once are counted before they are recorded', async () => {
  const asked = { agent: 'writer', token, command: ['x'], directory: '/', held: [] };
  const begun = await Promise.all(Array.from({ length: LIMITS.runsPerAgent + 8 }, () => runs.begin(asked)));
  const codes = begun.flatMap((one) => (one.ok ? [] : [one.error.code]));
  expect(codes).toEqual(Array(8).fill('TOO_MANY_RUNS'));
  await Promise.all(
    begun.map((one) => one.ok && one.value.end({ code: 0, signal: null, why: 'exit', output: '' })),
  );
  expect(ofRuns()).toEqual([]);
});

test('another protocol is refused with a code', async () => {
  const headers = { Connection: 'Upgrade', Upgrade: 'websocket' };
  const sent = request({ socketPath: join(house.directory, 'desk.sock'), headers }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect([response.statusCode, JSON.parse(await text(response))]).toMatchObject([
    400,
    { error: { code: 'NO_UPGRADE' } },
  ]);
});

test('a desk that drains says so to whoever comes, and does not merely hang up', async () => {
  await desk.drain();
  for (const [protocol, status, code] of [
    [RUN_PROTOCOL, 503, 'SHUTTING_DOWN'],
    ['other', 503, 'SHUTTING_DOWN'],
  ] as const) {
    const headers = { Connection: 'Upgrade', Upgrade: protocol };
    const sent = request({ socketPath: join(house.directory, 'desk.sock'), headers }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect([response.statusCode, JSON.parse(await text(response))]).toMatchObject([
      status,
      { error: { code } },
    ]);
  }
});
