import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AbilityRow } from '../../../src/contract/control-reads.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';

const SECRET = 'the-secret-of-the-box-17';
const RULES = `@id("reads") @need("Reading is harmless")
permit (principal, action in Action::"risk:read", resource);
@id("sends") @need("With a yes")
permit (principal, action in Action::"risk:external", resource);
@id("sends-ask") @review("owner")
forbid (principal == Agent::"other", action in Action::"risk:external", resource);
`;
const CATALOG = `catalog: plain
operations:
  look: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: Sees something, sensitivity: public }
  peek: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: Sees a secret, sensitivity: secret }
  tell: { risk: external, effect: [send], reversibility: irreversible, audience: public, worst: Tells everybody }
  wait: { risk: merge, effect: [update], reversibility: reversible, audience: team, worst: Waits }
`;

describe('the inventory', () => {
  const ground = new OperatorGround();
  let running: Running;
  const read = async (words = 'inventory --json'): Promise<AbilityRow[]> =>
    JSON.parse((await ground.run(words)).stdout).rows;
  const row = (rows: readonly AbilityRow[], agent: string, operation: string) =>
    rows.find((one) => one.agent === agent && one.operation === operation);

  beforeAll(async () => {
    ground.write('rules.cedar', RULES);
    ground.write('catalog.yaml', CATALOG);
    ground.tools('look', 'peek', 'wait', 'tell', 'odd');
    ground.write(
      'lanyard.yaml',
      ground.configuration({
        upstreams: `upstreams: { box: ${JSON.stringify(ground.upstream({ BOX_TOKEN: 'env:BOX_TOKEN' }))} }`,
      }),
    );
    const untouched = await ground.run('inventory');
    expect(untouched.stdout).toContain('box: never connected yet');
    running = await ground.up({ BOX_TOKEN: SECRET });
    const token = await ground.token();
    await running.call(token, 'look');
    await running.call(token, 'look');
    await running.call(token, 'wait');
  });
  afterAll(() => ground.remove());

  it('has a row for each agent, operation and credential: what lacks a limit first, then what ends worst', async () => {
    const rows = await read();
    expect(rows.map(({ agent, operation }) => `${agent} ${operation}`)).toEqual([
      'writer mcp:box/tell',
      'other mcp:box/peek',
      'writer mcp:box/peek',
      'other mcp:box/look',
      'writer mcp:box/look',
      'other mcp:box/tell',
      'other mcp:box/odd',
      'other mcp:box/resources/read',
      'writer mcp:box/odd',
      'writer mcp:box/resources/read',
      'other http:CONNECT',
      'writer http:CONNECT',
      'other mcp:box/wait',
      'writer mcp:box/wait',
    ]);
    expect(row(rows, 'writer', 'mcp:box/tell')).toMatchObject({
      worst: 'Tells everybody',
      reversibility: 'irreversible',
      audience: 'public',
      rules: 'allow',
      lacksLimit: true,
      limits: [],
      credentials: ['env:BOX_TOKEN'],
    });
    expect(row(rows, 'other', 'mcp:box/tell')).toMatchObject({
      rules: 'hold',
      lacksLimit: false,
      limits: [{ kind: 'person', by: 'sends-ask', who: 'owner', always: true }],
    });
    expect(row(rows, 'writer', 'mcp:box/wait')).toMatchObject({ rules: 'deny', lacksLimit: false });
    expect(row(rows, 'writer', 'mcp:box/odd')).toMatchObject({ risk: 'unclassified', rules: 'deny' });
  });

  it('says when each was last used, from the log, and what never was', async () => {
    const before = await read();
    expect(row(before, 'writer', 'mcp:box/look')).toMatchObject({ used: 2, denied: 0, neverUsed: false });
    expect(row(before, 'writer', 'mcp:box/wait')).toMatchObject({ used: 0, denied: 1, lastUsed: null });
    expect(row(before, 'other', 'mcp:box/look')).toMatchObject({ used: 0, neverUsed: true });
    const last = await ground.entries('action.outcome');
    expect(row(before, 'writer', 'mcp:box/look')?.lastUsed).toBe(last.at(-1)?.['at']);
    await running.call(await ground.token('other'), 'look');
    expect(row(await read(), 'other', 'mcp:box/look')).toMatchObject({ used: 1, neverUsed: false });
  });

  it('refuses the name of an agent or an upstream that is none, with those that there are', async () => {
    expect(await ground.run('inventory --agent wirter')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'lanyard: There is no agent "wirter" in force; did you mean "writer"?\n',
    });
    expect((await ground.run('inventory --json --agent nobody')).stderr).toBe(
      'lanyard: There is no agent "nobody" in force; there are writer, other.\n',
    );
    const unknown = await ground.run('inventory --upstream crate');
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toBe('lanyard: There is no upstream "crate"; there is box.\n');
  });

  it('P8 names secrets and tokens and shows none, and fits a hundred columns', async () => {
    const token = await ground.token();
    const [table, json] = [await ground.run('inventory'), await ground.run('inventory --json')];
    expect(table.code).toBe(0);
    for (const { stdout } of [table, json]) {
      expect(stdout).not.toContain(SECRET);
      expect(stdout).not.toContain(token);
      expect(stdout).toContain('env:BOX_TOKEN');
    }
    const id = token.split('_')[1] ?? '';
    expect(row(await read(), 'writer', 'mcp:box/look')?.tokens).toContain(id);
    expect(Math.max(...table.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(table.stdout).toMatch(
      /^NONE +allow +writer +box\/tell +NO +public +never\n {6}Tells everybody\./m,
    );
  });

  it('shows levels that were set, one agent or one upstream alone, and the same when nothing runs', async () => {
    await ground.run('stop agent:writer --level watched');
    const watched = await read('inventory --json --agent writer');
    expect(new Set(watched.map(({ agent }) => agent))).toEqual(new Set(['writer']));
    expect(row(watched, 'writer', 'mcp:box/tell')).toMatchObject({
      rules: 'hold',
      limits: [{ kind: 'level', by: 'watched' }],
    });
    expect(row(watched, 'writer', 'mcp:box/look')).toMatchObject({ rules: 'allow', lacksLimit: true });
    const alive = await read();
    await running.end();
    expect(await read()).toEqual(alive);
    const boxed = await read('inventory --json --upstream box');
    expect(boxed).toEqual(alive.filter(({ upstream }) => upstream === 'box'));
    expect(boxed.length).toBeLessThan(alive.length);
  });
});
