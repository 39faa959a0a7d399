import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperatorGround } from '../operator-ground.ts';

/** What the command line says of itself, and of what it cannot read. */

let ground: OperatorGround;
beforeEach(() => {
  ground = new OperatorGround();
});
afterEach(() => ground.remove());

describe('help', () => {
  it('tells of one command alone', async () => {
    const told = await ground.run('help log verify');
    expect(told).toMatchObject({ code: 0 });
    expect(told.stdout).toBe((await ground.run('log verify --help')).stdout);
    expect(told.stdout).toMatch(/^\.\/lanyard log verify \[--key FILE\]/);
    expect(told.stdout).toMatch(/^ {2}--key FILE +a file with the verifier key/m);
  });

  it('tells of the commands that begin with one word', async () => {
    const told = await ground.run('agent --help');
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toBe((await ground.run('help agent')).stdout);
    for (const name of ['list', 'show', 'token', 'revoke'])
      expect(told.stdout).toContain(`./lanyard agent ${name} `);
  });
});

describe('a command line that is wrong', () => {
  it.each([
    ['polcy check', 2, 'There is no command `polcy`. Did you mean `policy check`?'],
    ['log shwo', 2, 'There is no command `log shwo`. Did you mean `log show`?'],
    ['aply', 2, 'Did you mean `apply`?'],
    ['agent', 2, '`agent` is one of agent list, agent show, agent token, agent revoke.'],
    ['help nothing', 2, 'There is no command `nothing`.'],
    ['log show --jsno', 2, "Unknown option '--jsno'. Did you mean --json? Usage: ./lanyard log show"],
    ['confirm soon', 2, '"soon" is no entry; say the number'],
    ['agent list', 4, 'No instance is running on this state.'],
    ['apply', 4, 'No instance is running'],
    ['stop all', 4, 'No instance is running'],
    ['log show', 1, 'There is no log in'],
    ['decide --record', 4, 'No instance is running'],
  ])('%s ends with %i', async (words, code, sentence) => {
    const ended = await ground.run(words);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
    expect(ended.stderr).toContain(sentence);
    expect(ended.stderr).not.toMatch(/^ +at /m);
  });

  it('reads a configuration that is no YAML', async () => {
    ground.write('lanyard.yaml', 'listen: [\n');
    for (const words of ['up', 'status', 'policy check', 'log show']) {
      const ended = await ground.run(words);
      expect([words, ended.code === 1 || ended.code === 3]).toEqual([words, true]);
      expect(ended.stderr).toContain('lanyard.yaml');
      expect(ended.stderr.trimEnd().split('\n').length).toBeLessThan(4);
    }
  });
});
