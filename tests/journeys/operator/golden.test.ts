import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../source-tree.ts';
import { OperatorGround, RULES } from '../operator-ground.ts';

/** `policy test`, beside a running instance. */

let ground: OperatorGround;
beforeAll(async () => {
  ground = new OperatorGround();
  await (await ground.up()).url();
});
afterAll(() => ground.remove());

describe('golden cases', () => {
  it.each([
    ['allow', 0, '1 of 1 cases hold'],
    ['deny', 3, 'FAIL golden:2 looking'],
    ['perhaps', 3, 'golden:'],
  ])('that expect %s end with %i', async (expected, code, shown) => {
    const lines = [
      '# looking',
      'agent writer',
      'action mcp:box/look {"id": "a"}',
      '----------',
      expected,
      '',
    ];
    ground.write('golden', lines.join('\n'));
    const ended = await ground.run('policy test golden');
    expect(ended.code).toBe(code);
    expect(ended.stdout + ended.stderr).toContain(shown);
  });

  it('hold beside no rule that cannot be read or fits nothing, whoever wrote it', async () => {
    const wrong = {
      'forbid (principal, action, resourc);': 'rules.cedar:4:28: error:',
      'forbid (principal, action in Action::"upstream:bux", resource);': 'did you mean "upstream:box"?',
    };
    const cases = `${ROOT}/packs/starter/tests`;
    ground.write('lanyard.yaml', ground.configuration({ packs: 'packs: [starter]' }));
    try {
      expect(await ground.run('policy test')).toMatchObject({ code: 0, stderr: '' });
      for (const [rule, said] of Object.entries(wrong)) {
        ground.write('rules.cedar', `${RULES}\n${rule}\n`);
        const checked = await ground.run('policy check');
        for (const words of ['policy test', `policy test ${cases}`]) {
          const ended = await ground.run(words);
          expect(ended).toMatchObject({ code: checked.code, stderr: checked.stderr });
          expect(ended.stdout).toBe('No case was run, because the rules do not hold together.\n');
          expect(ended.stderr).toContain(said);
          expect(ended.stderr).toMatch(/^ +\| +\^$/m);
        }
        const told = await ground.run('policy test --json');
        expect(told).toMatchObject({ code: 3, stderr: '' });
        expect(JSON.parse(told.stdout)).toMatchObject([
          { file: 'rules.cedar', results: [{ title: 'rules', ok: false }] },
        ]);
      }
    } finally {
      ground.write('lanyard.yaml', ground.configuration());
      ground.write('rules.cedar', RULES);
    }
  });

  it('say which file of them cannot be read, and why', async () => {
    mkdirSync(join(ground.directory, 'odd', 'a.golden'), { recursive: true });
    for (const named of ['odd', 'odd/a.golden/..'])
      expect(await ground.run(`policy test ${named}`)).toMatchObject({
        code: 1,
        stdout: '',
        stderr: `lanyard: The cases in ${ground.directory}/odd/a.golden cannot be read: it is a directory.\n`,
      });
  });

  it('takes a directory, and says where there are no cases', async () => {
    ground.write('cases/a.golden', 'agent writer\naction mcp:box/look {"id": "a"}\n----------\nallow\n');
    expect(await ground.run('policy test cases')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 of 1 cases hold'),
    });
    expect(await ground.run('policy test work')).toMatchObject({
      code: 1,
      stderr: `lanyard: There is no *.golden in ${ground.directory}/work.\n`,
    });
    expect(await ground.run('policy test nowhere.golden')).toMatchObject({
      code: 1,
      stderr: `lanyard: There is no file of cases at ${ground.directory}/nowhere.golden.\n`,
    });
  });
});
