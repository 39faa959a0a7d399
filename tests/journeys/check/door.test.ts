import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { type GovernedInstance, postBytes, sendRaw } from '../instance.ts';
import {
  actionOf,
  answersOf,
  ask,
  EVALUATION,
  EVALUATIONS,
  OUTCOME,
  pointToken,
  reading,
  startChecked,
} from './client.ts';

/** The check door of a real instance, as callers that keep to the standard see it, and its log. */

let instance: GovernedInstance;
let other: string;
let gate: string;
beforeAll(async () => {
  instance = await startChecked();
  other = await instance.ground.token('other');
  gate = await pointToken(instance);
});
afterAll(() => instance.stop());

const hidden = (): JsonObject => ({
  subject: { type: 'Agent', id: 'writer' },
  action: { name: 'mcp:files/write_file' },
  resource: { type: 'Path', id: '.env' },
  context: { input: { path: '.env', content: 'x' } },
});
const entriesOf = async (action: string) =>
  (await instance.ground.entries()).filter((entry) => entry['action'] === action);

describe('one question', () => {
  it('is recorded as decided at the check door, by whom, and waits for its outcome', async () => {
    const allowed = await ask(instance, gate, EVALUATION, reading('a.txt', 'writer', { session: 'build' }));
    expect(allowed).toMatchObject({ status: 200, json: { decision: true } });
    const denied = await ask(instance, instance.token, EVALUATION, hidden());
    expect(denied).toMatchObject({ status: 200, json: { decision: false, context: { code: 'FORBIDDEN' } } });
    expect(await entriesOf(actionOf(allowed.json))).toMatchObject([
      {
        kind: 'action.decided',
        agent: 'writer',
        point: 'ci-gate',
        door: 'check',
        operation: 'mcp:files/read_text_file',
        target: { type: 'Path', id: `${instance.ground.directory}/workspace/a.txt` },
        decision: 'allow',
      },
    ]);
    const [entry] = await entriesOf(actionOf(denied.json));
    expect(entry).toMatchObject({ agent: 'writer', door: 'check', decision: 'deny' });
    expect(entry).not.toHaveProperty('point');
  });

  it('can be explained, and was decided at this door', async () => {
    const { json } = await ask(instance, gate, EVALUATION, reading('a.txt'));
    const explained = await instance.ground.run(`policy explain ${actionOf(json)}`);
    expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining('starter-read') });
  });

  it('keeps sessions apart by their names, and by agent', async () => {
    const sessionOf = async (token: string, body: JsonObject) => {
      const { json } = await ask(instance, token, EVALUATION, body);
      return (await entriesOf(actionOf(json)))[0]?.['session'];
    };
    const watcher = await pointToken(instance, 'watcher');
    const [one, again, two, theirs, mine, unnamed, unnamedOther] = [
      await sessionOf(gate, reading('a.txt', 'writer', { session: 'one' })),
      await sessionOf(gate, reading('a.txt', 'writer', { session: 'one' })),
      await sessionOf(gate, reading('a.txt', 'writer', { session: 'two' })),
      await sessionOf(watcher, reading('a.txt', 'other', { session: 'one' })),
      await sessionOf(watcher, reading('a.txt', 'writer', { session: 'one' })),
      await sessionOf(watcher, reading('a.txt', 'writer')),
      await sessionOf(watcher, reading('a.txt', 'other')),
    ];
    expect(again).toBe(one);
    expect(mine).toBe(one);
    expect(new Set([one, two, theirs, unnamed, unnamedOther]).size).toBe(5);
  });

  it('takes the resource in any spelling of the target', async () => {
    const at = `${instance.ground.directory}/workspace/a.txt`;
    for (const id of ['a.txt', './a.txt', at, `file://${at}`]) {
      const { json } = await ask(instance, gate, EVALUATION, {
        ...reading('a.txt'),
        resource: { type: 'Path', id },
      });
      expect(json).toMatchObject({ decision: true });
    }
  });

  it('decides on the resource that is named where the arguments name none, and holds what nobody classified', async () => {
    await instance.newActions();
    const { json } = await ask(instance, gate, EVALUATION, {
      subject: { type: 'Agent', id: 'writer' },
      action: { name: 'mcp:wiki/resources/read' },
      resource: { type: 'Note', id: '1' },
      context: { input: { uri: 'note://1' } },
    });
    expect(json).toMatchObject({ decision: false, context: { code: 'APPROVAL_UNAVAILABLE' } });
    const [note, wiki] = [
      { type: 'Note', id: '1' },
      { type: 'Target', id: 'wiki' },
    ];
    expect(await instance.newActions()).toMatchObject([{ target: note, targets: [note, wiki] }]);
  });

  it('asks for resources and prompts as it does for tools', async () => {
    const about = (leaf: string, input: JsonObject, resource: JsonObject) => ({
      subject: { type: 'Agent', id: 'writer' },
      action: { name: `mcp:wiki/${leaf}` },
      resource,
      context: { input },
    });
    const wiki = { type: 'Target', id: 'wiki' };
    for (const body of [
      about('resources/read', { uri: 'note://1' }, wiki),
      about('prompts/get', { name: 'nothing', arguments: {} }, wiki),
    ]) {
      const { json, status } = await ask(instance, gate, EVALUATION, body);
      expect([status, JSON.stringify(json)]).toEqual([
        expect.any(Number),
        expect.stringMatching(/APPROVAL_UNAVAILABLE|UNKNOWN_OPERATION/),
      ]);
    }
  });
});

describe('many questions', () => {
  const three = (semantic: string | undefined, ...paths: readonly string[]): JsonObject => ({
    subject: { type: 'Agent', id: 'writer' },
    action: { name: 'mcp:files/write_file' },
    ...(semantic === undefined ? {} : { options: { evaluations_semantic: semantic } }),
    evaluations: paths.map((path) => ({
      resource: { type: 'Path', id: path },
      context: { input: { path, content: 'x' } },
    })),
  });
  const decisions = async (semantic: string | undefined, ...paths: readonly string[]) => {
    await instance.newActions();
    const { json } = await ask(instance, gate, EVALUATIONS, three(semantic, ...paths));
    const given = answersOf(json).map((answer) => answer['decision']);
    const recorded = (await instance.newActions()).filter(({ kind }) => kind === 'action.decided');
    expect(recorded.map((entry) => entry['decision'] === 'allow').toSorted()).toEqual(given.toSorted());
    return given;
  };

  it.each([
    [undefined, ['a', '.b', 'c'], [true, false, true]],
    ['execute_all', ['a', '.b', 'c'], [true, false, true]],
    ['deny_on_first_deny', ['a', '.b', 'c'], [true, false]],
    ['deny_on_first_deny', ['a', 'b', 'c'], [true, true, true]],
    ['permit_on_first_permit', ['.a', 'b', 'c'], [false, true]],
    ['permit_on_first_permit', ['.a', '.b'], [false, false]],
  ] as const)('%s: %j → %j, and only what was answered is in the log', async (semantic, paths, expected) => {
    expect(await decisions(semantic, ...paths)).toEqual(expected);
  });

  it('of one point may be for several agents, and an item takes the place of a default', async () => {
    const watcher = await pointToken(instance, 'watcher');
    const { json } = await ask(instance, watcher, EVALUATIONS, {
      ...reading('a.txt'),
      evaluations: [
        {},
        { subject: { type: 'Agent', id: 'other' } },
        { subject: { type: 'Agent', id: 'nobody' } },
        { context: { input: {} } },
        { action: { name: 'mcp:files/nothing' } },
      ],
    });
    expect(answersOf(json)).toMatchObject([
      { decision: true },
      { decision: true },
      { decision: false, context: { code: 'FOREIGN_AGENT', error: { status: 403 } } },
      { decision: false, context: { code: 'ARGUMENTS_INVALID', error: { status: 400 } } },
      { decision: false, context: { code: 'UNKNOWN_OPERATION', error: { status: 400 } } },
    ]);
  });

  it('are one where there are none', async () => {
    for (const more of [{}, { evaluations: [] }]) {
      const { json } = await ask(instance, gate, EVALUATIONS, { ...reading('a.txt'), ...more });
      expect(json).toMatchObject({ decision: true });
    }
  });

  it('more at once than may be in flight are answered all the same', async () => {
    const many = Array.from({ length: 256 }, (_, i) => ({ context: { input: { path: `${i}.txt` } } }));
    const { json } = await ask(instance, gate, EVALUATIONS, {
      subject: { type: 'Agent', id: 'writer' },
      action: { name: 'mcp:files/read_text_file' },
      evaluations: many.map(({ context }) => ({
        context,
        resource: { type: 'Path', id: context.input.path },
      })),
    });
    expect(answersOf(json).filter((answer) => answer['decision'] === true)).toHaveLength(256);
  });
});

describe('a stop', () => {
  it('denies what is asked for a frozen agent, by a point as well, and not for another', async () => {
    await instance.ground.run('stop agent:writer');
    for (const token of [instance.token, gate]) {
      const { json } = await ask(instance, token, EVALUATION, reading('a.txt'));
      expect(json).toMatchObject({ decision: false, context: { code: 'FROZEN' } });
    }
    expect((await ask(instance, other, EVALUATION, reading('a.txt', 'other'))).json).toMatchObject({
      decision: true,
    });
    await instance.ground.run('release agent:writer --why over');
  });
});

describe('a point', () => {
  it('is listed; its token is recorded, opens no MCP door, and ends when it is revoked', async () => {
    const token = await pointToken(instance, 'watcher');
    expect(JSON.parse((await instance.ground.run('point list --json')).stdout)).toMatchObject([
      { id: 'ci-gate', agents: ['writer'], tokens: [{}] },
      { id: 'watcher', agents: ['writer', 'other', 'hasty'] },
    ]);
    const mcp = await sendRaw(instance.port, postBytes(token, '{}', {}, '/mcp/files'));
    expect([mcp.status, mcp.json['error']]).toMatchObject([403, { data: { code: 'POINT_TOKEN' } }]);
    expect((await ask(instance, token, EVALUATION, reading('a.txt'))).status).toBe(200);
    expect(await instance.ground.run('point revoke watcher')).toMatchObject({ code: 0 });
    expect(await ask(instance, token, EVALUATION, reading('a.txt'))).toMatchObject({
      status: 401,
      json: expect.stringMatching(/^TOKEN_REFUSED: /),
    });
    const acts = await instance.ground.entries('operator.token', 'operator.revoked');
    const ofPoint = acts.filter((entry) => entry['point'] === 'watcher');
    expect(ofPoint.at(0)).toMatchObject({ kind: 'operator.token', proof: 'none', by: 'socket' });
    expect(ofPoint.at(-1)).toMatchObject({ kind: 'operator.revoked' });
    expect(ofPoint.at(-1)).not.toHaveProperty('proof');
    expect(await instance.ground.run('point token ci-gat')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did you mean "ci-gate"?'),
    });
  });
});

describe('an outcome', () => {
  it('is told after a restart as well, and ends the action; the log holds', async () => {
    const ids: string[] = [];
    for (const token of [gate, instance.token])
      ids.push(actionOf((await ask(instance, token, EVALUATION, reading('a.txt'))).json));
    expect(await ask(instance, gate, OUTCOME, { action: ids[0] ?? '', outcome: 'failed' })).toMatchObject({
      status: 200,
      json: { action: ids[0], outcome: 'failed' },
    });
    await instance.running.end('SIGKILL');
    const running = await instance.ground.up();
    const again = { url: await running.url() };
    const told = { action: ids[1] ?? '', outcome: 'ok' };
    expect(await ask(again, instance.token, OUTCOME, told)).toMatchObject({ status: 200 });
    expect(await ask(again, instance.token, OUTCOME, told)).toMatchObject({ status: 404 });
    const outcomes = (await instance.ground.entries('action.outcome')).filter(({ action }) =>
      ids.includes(String(action)),
    );
    expect(outcomes).toMatchObject([
      { agent: 'writer', point: 'ci-gate', door: 'check', outcome: 'failed' },
      { agent: 'writer', door: 'check', outcome: 'ok' },
    ]);
    const started = (await instance.ground.entries('instance.started')).at(-1);
    expect(started).toMatchObject({ unknown: [] });
    await instance.expectLogToHold();
  });
});
