import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../../../src/main/start.ts';
import { EventGround } from '../../events/ground.ts';
import { type HttpFixture, startHttpFixture } from '../../fixtures/upstreams/start.ts';
import { EVERYTHING, entriesOf, latest, type Replied, raw, TOOLS, until } from './ground.ts';

/** Tasks of 2026-07-28 on both sides: whose they are, and what ends them. The conformance suite has their shapes. */

const NOT_MALLORY = `@id("not-mallory") @reason("Mallory is not let in.")
forbid (principal, action, resource)
when { context.system has responses && context.system.responses like "*Mallory*" };
`;
const NO_SLOW = `@id("no-slow") @reason("Slow work is over.")
forbid (principal, action == Action::"mcp:modern/slow_compute", resource);
`;
const SLOW = { name: 'slow_compute', arguments: { seconds: 60 } };

let ground: EventGround;
let modern: HttpFixture;
let otherToken = '';
let secondToken = '';
beforeAll(async () => {
  modern = await startHttpFixture('tasking-modern.mjs');
  ground = await EventGround.start({
    upstreams: {
      modern: { url: modern.url, catalog: 'plain', may: ['elicitation'] },
      twin: { url: modern.url, catalog: 'plain' },
    },
    plain: TOOLS,
    rules: EVERYTHING + NOT_MALLORY,
  });
  otherToken = await ground.tokenOf('other');
  secondToken = await ground.tokenOf('writer');
}, 60_000);
afterAll(async () => {
  await ground?.stop();
  await modern?.stop();
});

const at = () => ({ url: ground.instance.url, token: ground.token });
const get = (taskId: string) => raw(at(), 'tasks/get', { taskId });
async function begun(
  params: { name: string; arguments: Record<string, never> } | typeof SLOW,
): Promise<string> {
  const made = await raw(at(), 'tools/call', params);
  expect(made.result).toMatchObject({ resultType: 'task', status: 'working' });
  return String(made.result['taskId']);
}
/** What arrived at the upstream about tasks, as `method taskId`. */
async function arrived(method: string): Promise<readonly string[]> {
  return (await modern.received()).flatMap(({ body }) => {
    const { method: asked, params } = (body ?? {}) as { method?: string; params?: { taskId?: string } };
    return asked === method ? [String(params?.taskId)] : [];
  });
}

describe('a task of 2026-07-28', () => {
  it('has its outcome recorded when it ends, whether or not its client looks', async () => {
    const made = await raw(at(), 'tools/call', { name: 'failing_job', arguments: {} });
    expect(made.result['resultType']).toBe('task');
    const entries = await until(
      () => latest(ground, 'mcp:modern/failing_job'),
      (seen) => seen.at(-1)?.kind === 'action.outcome',
    );
    expect(entries.map(({ kind }) => kind)).toEqual(['action.decided', 'action.task', 'action.outcome']);
    expect(entries.at(-1)).toMatchObject({ outcome: 'failed' });
    expect(JSON.stringify(entries)).not.toContain(String(made.result['taskId']));
  });

  async function overAfter(seconds: number): Promise<Replied> {
    const task = await begun({ name: 'slow_compute', arguments: { seconds } });
    return until(
      () => get(task),
      ({ result }) => result['status'] !== 'working',
    );
  }

  it('passes on a failure in our name without what is ours', async () => {
    const over = await overAfter(2000);
    expect(over.result).toMatchObject({ status: 'failed', error: { code: 403, data: { hint: 'kept' } } });
    expect(JSON.stringify(over.result)).not.toMatch(/FROZEN|dev\.lanyard/);
  });

  it.each([
    ['another task in place of a result', 2001],
    ['a result that is none of a call', 2002],
  ])('does not pass on %s, and says that what was done is not known', async (_what, seconds) => {
    const over = await overAfter(seconds);
    const _meta = { 'dev.lanyard/outcome': { code: 'UPSTREAM_FAILED' } };
    expect(over.result).toMatchObject({ status: 'completed', result: { isError: true, _meta } });
    expect(JSON.stringify(over.result)).not.toMatch(/another|"no list"/);
    const entries = await latest(ground, 'mcp:modern/slow_compute');
    expect(entries.at(-1)).toMatchObject({ outcome: 'unknown', code: 'UPSTREAM_FAILED' });
  });

  it('is found by nobody else: another agent, another token, another path and a guess are answered alike', async () => {
    const id = await begun(SLOW);
    const { url, token } = at();
    const strangers = [
      { url, token: otherToken },
      { url, token: secondToken },
      { url, token, upstream: 'twin' },
    ];
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const ask = (where: (typeof strangers)[number], taskId: string): Promise<Replied> =>
        raw(where, method, { taskId, inputResponses: {} });
      const guessed = await ask({ url, token }, `task-${'A'.repeat(22)}`);
      expect(guessed).toMatchObject({ status: 200, error: { code: -32602 }, code: 'UNKNOWN_TASK' });
      for (const stranger of strangers) expect(await ask(stranger, id)).toEqual(guessed);
    }
    expect((await get(id)).result['status']).toBe('working');
    expect((await raw({ url, token, upstream: null }, 'tasks/get', { taskId: id })).result['status']).toBe(
      'working',
    );
    await raw(at(), 'tasks/cancel', { taskId: id });
  });

  it('cannot be had by the upstream’s own id, which no client is shown', async () => {
    const id = await begun(SLOW);
    await get(id);
    const theirs = (await arrived('tasks/get')).at(-1) ?? '';
    expect(theirs).not.toBe(id);
    expect(await get(theirs)).toMatchObject({ code: 'UNKNOWN_TASK' });
    await raw(at(), 'tasks/cancel', { taskId: id });
    expect(await arrived('tasks/cancel')).toContain(theirs);
  });

  it('P4 a stop cancels it at the upstream, and what it did is unknown; after the release it is over', async () => {
    const id = await begun(SLOW);
    const before = (await arrived('tasks/cancel')).length;
    const stopped = await ground.operator.stop('agent:writer', 'frozen', 'enough');
    expect(stopped.ok).toBe(true);
    expect((await get(id)).code ?? (await get(id)).error['message']).toBeTruthy();
    const entries = await until(
      () => latest(ground, 'mcp:modern/slow_compute'),
      (seen) => seen.at(-1)?.kind === 'action.outcome',
    );
    expect(entries.at(-1)).toMatchObject({ outcome: 'unknown', code: 'STOPPED' });
    await until(
      () => arrived('tasks/cancel'),
      ({ length }) => length === before + 1,
    );
    expect((await ground.operator.release('agent:writer', 'looked at')).ok).toBe(true);
    expect((await get(id)).result).toMatchObject({ status: 'cancelled' });
  });

  it('P4 a stop waits for no word of an upstream about it', async () => {
    const before = (await arrived('tasks/cancel')).length;
    await begun({ name: 'slow_compute', arguments: { seconds: 1000 } });
    const stopped = await ground.operator.stop('agent:writer', 'frozen', 'enough');
    expect(stopped).toMatchObject({ ok: true, value: { cut: { alive: 0, counts: { task: 1 } } } });
    await until(
      () => arrived('tasks/cancel'),
      ({ length }) => length === before + 1,
    );
    expect((await ground.operator.release('agent:writer', 'looked at')).ok).toBe(true);
  });

  it.each([
    ['is revoked', 3_600_000],
    ['has run out', 2_000],
  ])('P4 ends with its token: it is cancelled at the upstream once that %s', async (what, ttlMs) => {
    const made = await ground.operator.makeToken('other', ttlMs);
    if (!made.ok) throw new Error(made.error.sentence);
    const at = { url: ground.instance.url, token: made.value.token };
    expect((await raw(at, 'tools/call', SLOW)).result).toMatchObject({ status: 'working' });
    const before = (await arrived('tasks/cancel')).length;
    if (what === 'is revoked') {
      await ground.operator.revokeTokens('other');
      otherToken = await ground.tokenOf('other');
    }
    const entries = await until(
      () => latest(ground, 'mcp:modern/slow_compute'),
      (seen) => seen.at(-1)?.kind === 'action.outcome',
    );
    expect(entries.at(-1)).toMatchObject({ agent: 'other', outcome: 'unknown', code: 'TOKEN_ENDED' });
    expect(await arrived('tasks/cancel')).toHaveLength(before + 1);
  });

  it('is told of no more once an apply forbids what it does; cancelling stays', async () => {
    const id = await begun(SLOW);
    await ground.applyRules(EVERYTHING + NO_SLOW);
    expect((await get(id)).error).toMatchObject({
      code: 403,
      data: { 'dev.lanyard/decision': { decision: 'deny', code: 'FORBIDDEN', rules: ['no-slow'] } },
    });
    expect((await raw(at(), 'tasks/cancel', { taskId: id })).result).toEqual({ resultType: 'complete' });
    await ground.applyRules(EVERYTHING + NOT_MALLORY);
    expect((await get(id)).result['status']).toBe('cancelled');
  });

  it('goes on with what its client answered: decided again, recorded, and then sent', async () => {
    const id = await begun({ name: 'confirm_delete', arguments: {} });
    await until(
      () => get(id),
      ({ result }) => result['status'] === 'input_required',
    );
    const wrong = await raw(at(), 'tasks/update', { taskId: id, inputResponses: { confirm: { no: 1 } } });
    expect(wrong.code).toBe('BAD_PARAMS');
    const confirm = { action: 'accept', content: { name: 'Ada', confirm: true } };
    await raw(at(), 'tasks/update', { taskId: id, inputResponses: { confirm, more: confirm } });
    await until(
      () => get(id),
      ({ result }) => result['status'] === 'completed',
    );
    const entries = await latest(ground, 'mcp:modern/confirm_delete');
    expect(entries.map(({ kind }) => kind)).toEqual([
      'action.decided',
      'action.task',
      'action.continued',
      'action.outcome',
    ]);
    expect(entries[2]).toMatchObject({ decision: 'allow', inputDigest: expect.stringMatching(/^sha256:/) });
  });

  it('ends with what may not be answered, and its upstream is cancelled and told nothing', async () => {
    const id = await begun({ name: 'confirm_delete', arguments: {} });
    await until(
      () => get(id),
      ({ result }) => result['status'] === 'input_required',
    );
    const [updates, cancels] = [await arrived('tasks/update'), await arrived('tasks/cancel')];
    const confirm = { action: 'accept', content: { name: 'Mallory' } };
    await raw(at(), 'tasks/update', { taskId: id, inputResponses: { confirm } });
    const ended = await get(id);
    expect(ended.result).toMatchObject({ status: 'completed', result: { isError: true } });
    expect(JSON.stringify(ended.result)).toContain('not-mallory');
    expect((await arrived('tasks/update')).length).toBe(updates.length);
    expect((await arrived('tasks/cancel')).length).toBe(cancels.length + 1);
    expect((await latest(ground, 'mcp:modern/confirm_delete')).at(-1)).toMatchObject({
      outcome: 'failed',
      code: 'FORBIDDEN',
    });
  });

  it('ends where its upstream may not ask', async () => {
    const made = await raw({ ...at(), upstream: 'twin' }, 'tools/call', {
      name: 'confirm_delete',
      arguments: {},
    });
    const id = String(made.result['taskId']);
    const ended = await until(
      () => raw({ ...at(), upstream: 'twin' }, 'tasks/get', { taskId: id }),
      ({ result }) => result['status'] !== 'working',
    );
    expect(JSON.stringify(ended.result)).toContain('ASK_NOT_ALLOWED');
  });

  it('P7 survives a restart where its upstream keeps it, as the same action', async () => {
    const id = await begun({ name: 'slow_compute', arguments: { seconds: 3 } });
    const [decided] = await latest(ground, 'mcp:modern/slow_compute');
    const { instance, config } = ground;
    await instance.stop();
    const environment = { PATH: process.env['PATH'] ?? '', HOME: ground.directory };
    const again = await start({ configPath: config, environment, log: () => undefined });
    Object.assign(ground, { instance: again });
    const done = await until(
      () => get(id),
      ({ result }) => result['status'] === 'completed',
    );
    expect(done.result).toMatchObject({ result: { content: [{ text: 'computed' }] } });
    const entries = await entriesOf(ground, String(decided?.action));
    expect(entries.map(({ kind }) => kind)).toEqual(['action.decided', 'action.task', 'action.outcome']);
    expect(entries.at(-1)).toMatchObject({ outcome: 'ok' });
  });
});
