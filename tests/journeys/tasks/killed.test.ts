import { afterAll, beforeAll, expect, it } from 'vitest';
import { callsIn } from '../../fixtures/upstreams/start.ts';
import { GovernedInstance, type HttpFixture, startHttpFixture } from '../instance.ts';
import { EVERYTHING, raw, TOOLS, until } from './ground.ts';

/** kill -9 around the end of a task: before Lanyard has seen it, and after it is recorded and kept for its client. */

let modern: HttpFixture;
let instance: GovernedInstance;
beforeAll(async () => {
  modern = await startHttpFixture('tasking-modern.mjs');
  instance = await GovernedInstance.start(() => ({
    upstreams: { modern: { url: modern.url, catalog: 'plain' } },
    plain: TOOLS,
    rules: EVERYTHING,
  }));
}, 60_000);
afterAll(async () => {
  await instance?.stop();
  await modern?.stop();
});

let url = '';
const at = () => ({ url: url === '' ? instance.url : url, token: instance.token });
const restart = async (kill: () => Promise<unknown>) => {
  await kill();
  url = await (await instance.ground.up()).url();
};
const begin = async (name: string, args: Record<string, number>) => {
  const made = await raw(at(), 'tools/call', { name, arguments: args });
  expect(made.result['resultType']).toBe('task');
  return String(made.result['taskId']);
};
const kinds = async () => (await instance.newActions()).map(({ kind, outcome }) => [kind, outcome ?? null]);

it('P7 killed at each of these, a task ends once in the log, is sent once, and tells no result that is gone', async () => {
  const early = await begin('slow_compute', { seconds: 2 });
  await restart(() => instance.running.end('SIGKILL'));
  // Its upstream has it still: it is taken up, as the same action.
  const done = await until(
    () => raw(at(), 'tasks/get', { taskId: early }),
    ({ result }) => result['status'] === 'completed',
  );
  expect(done.result).toMatchObject({ result: { content: [{ text: 'computed' }] } });
  expect(await kinds()).toEqual([
    ['action.decided', null],
    ['action.task', null],
    ['action.outcome', 'ok'],
  ]);

  // Recorded, its result is in memory alone, for a client that has not asked yet.
  const running = instance.ground.last;
  const late = await begin('slow_compute', { seconds: 1 });
  const ended = await until(kinds, (seen) => seen.some(([kind]) => kind === 'action.outcome'));
  expect(ended.at(-1)).toEqual(['action.outcome', 'ok']);
  await restart(() => running.end('SIGKILL'));
  for (const gone of [late, early])
    expect(await raw(at(), 'tasks/get', { taskId: gone })).toMatchObject({ code: 'UNKNOWN_TASK' });
  expect(await kinds()).toEqual([]);
  expect(callsIn(await modern.received(), 'slow_compute')).toHaveLength(2);
  await instance.expectLogToHold();
});
