import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { ROOT } from '../../source-tree.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';

/** `./lanyard decide` as a script uses it: many lines, odd lines, and one at a time. */

const ground = new OperatorGround();
let running: Running;
beforeAll(async () => {
  running = await ground.up();
  await running.url();
});
afterAll(() => ground.remove());

const line = (agent: string, id: string) =>
  JSON.stringify({
    subject: { type: 'Agent', id: agent },
    action: { name: 'mcp:box/look' },
    resource: { type: 'Target', id: 'box' },
    context: { input: { id } },
  });

interface Answer {
  readonly decision: boolean;
  readonly context: { readonly code?: string; readonly reason: string };
}

async function decide(stdin: string): Promise<{ code: number | null; answers: readonly Answer[] }> {
  const { code, stdout } = await ground.run('decide', { stdin });
  return {
    code,
    answers: stdout
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => JSON.parse(text) as Answer),
  };
}

async function checkMany(): Promise<void> {
  const agents = Array.from({ length: 1000 }, (_, i) => (i % 7 === 3 ? `nobody-${i}` : 'writer'));
  const { code, answers } = await decide(agents.map((agent, i) => line(agent, String(i))).join('\n'));
  expect(code).toBe(3);
  const told = answers.map(({ decision, context: { code, reason } }) =>
    decision ? 'writer' : `${code} ${reason.split(' in force')[0]}`,
  );
  expect(told).toEqual(
    agents.map((agent) => (agent === 'writer' ? agent : `AGENT_UNKNOWN There is no agent "${agent}"`)),
  );
}

describe('decide', () => {
  it('answers many lines in their order, the last one without an end too', checkMany);

  it('answers what is no request in its place', async () => {
    const odd = [
      line('writer', 'a'),
      '',
      '  \t',
      '{"subject":1}',
      line('writer', 'a').replace('{', '{"subject":{"type":"Agent","id":"other"},'),
      `"${'x'.repeat(LIMITS.requestBytes)}"`,
      line('writer', 'a').replace('"context":{', '"context":{"system":{},'),
      line('writer', 'a').replace('"type":"Target"', '"type":"Agent"'),
      line('writer', 'a').replace('{"type":"Target","id":"box"}', '{"type":"record","id":"42"}'),
      line('writer', 'b'),
    ];
    const { answers } = await decide(`${odd.join('\r\n')}\r\n`);
    expect(answers.map(({ decision, context }) => (decision ? 'allow' : context.code))).toEqual([
      'allow',
      'BAD_REQUEST',
      'DUPLICATE_KEY',
      'BODY_TOO_LARGE',
      'SYSTEM_CONTEXT',
      'RESOURCE_DIFFERS',
      'allow',
      'allow',
    ]);
  });

  it('answers a line before the next one comes', async () => {
    const node = join(ROOT, 'node_modules/node/bin/node');
    const words = [join(ROOT, 'src/cli/lanyard.ts'), 'decide', '-c', ground.config];
    const child = spawn(node, ['--no-warnings', ...words], { stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdout.setEncoding('utf8');
    for (const id of ['a', 'b']) {
      child.stdin.write(`${line('writer', id)}\n`);
      expect(JSON.parse(String((await once(child.stdout, 'data'))[0]))).toMatchObject({ decision: true });
    }
    child.stdin.end();
    expect((await once(child, 'exit'))[0]).toBe(0);
  });

  it('records each that is allowed, and that nobody acts on it, with --record', async () => {
    const stdin = Array.from({ length: 300 }, (_, i) => `${line('writer', String(i))}\n`).join('');
    expect(await ground.run('decide --record', { stdin })).toMatchObject({ code: 0 });
    const [decided, ended] = [await ground.entries('action.decided'), await ground.entries('action.outcome')];
    expect(decided.filter((entry) => entry['door'] === 'check')).toHaveLength(300);
    expect(ended.map(({ action }) => action).toSorted()).toEqual(
      decided.map(({ action }) => action).toSorted(),
    );
    expect(new Set(ended.map(({ outcome, code }) => `${String(outcome)} ${String(code)}`))).toEqual(
      new Set(['aborted ASKED_ONLY']),
    );
    expect(JSON.parse((await ground.run('status --json')).stdout)).toMatchObject({ awaitingOutcome: 0 });
  });

  it('answers the same on the files of an instance that does not run', async () => {
    await running.end();
    await checkMany();
  });
});
