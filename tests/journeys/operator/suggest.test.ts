import { afterEach, beforeEach, expect, it } from 'vitest';
import { OperatorGround } from '../operator-ground.ts';

let ground: OperatorGround;
beforeEach(() => {
  ground = new OperatorGround();
});
afterEach(() => ground.remove());

it('suggests rules from what was denied, by the instance or its files alike, and a person takes them', async () => {
  ground.write(
    'rules.cedar',
    '@id("never") forbid (principal, action == Action::"mcp:box/tell", resource);\n',
  );
  const running = await ground.up();
  const token = await ground.token();
  for (const name of ['look', 'tell']) expect((await running.call(token, name)).text).toContain('"deny"');
  const words = 'policy suggest --agent writer --since 1h';
  const asked = await ground.run(words);
  expect(asked).toMatchObject({ code: 0, stderr: '' });
  expect(asked.stdout).toContain('Nothing of this is in force.');
  expect(asked.stdout).toContain('- never (rules.cedar:1) denies: mcp:box/tell');
  expect(asked.stdout.match(/^permit /gm)).toHaveLength(2);
  const json = JSON.parse((await ground.run(`${words} --json`)).stdout);
  expect(json).toMatchObject({ agent: 'writer', rules: [{ passes: 1 }, { passes: 0 }], left: [] });

  ground.write('rules.cedar', `${ground.read('rules.cedar')}${asked.stdout}`);
  expect(await ground.run('policy check')).toMatchObject({ code: 0 });
  expect(await ground.run('apply')).toMatchObject({ code: 0 });
  expect((await running.call(token, 'look')).text).not.toContain('"deny"');
  expect((await running.call(token, 'tell')).text).toContain('never');

  await running.end();
  const later = await ground.run(words);
  expect(later.code).toBe(0);
  expect(later.stdout).toContain('the rules in force let it pass by now');
  expect(await ground.run('policy suggest --agent writr --since 1h')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('writer'),
  });
  expect(await ground.run('policy suggest --agent writer')).toMatchObject({ code: 2 });
  expect(await ground.run('policy suggest --agent writer --since soon')).toMatchObject({ code: 2 });
});
