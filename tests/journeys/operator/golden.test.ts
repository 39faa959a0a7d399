import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OperatorGround } from '../operator-ground.ts';

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
