import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../source-tree.ts';
import { OperatorGround, RULES, RUNTIME_FLAGS } from '../operator-ground.ts';

/** What the command line says of itself, and of what it cannot read. */

/** Root passes every mode of a file, unless it is without these two. */
const HELD =
  process.getuid?.() === 0
    ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search', '--inh-caps', '-all']
    : ['env'];
const IS_HELD = HELD[0] === 'env' || existsSync('/usr/bin/setpriv');

/** `./lanyard WORDS` to its end, held to the modes of files. */
function held(words: string) {
  const [program = '', ...rest] = [...HELD, process.execPath, ...RUNTIME_FLAGS, `${ROOT}/src/cli/lanyard.ts`];
  const given = [...rest, ...words.split(' '), '-c', ground.config];
  return spawnSync(program, given, { encoding: 'utf8', timeout: 60_000 });
}

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

describe('whoever reads what a command prints', () => {
  const DENIED = `${JSON.stringify({
    subject: { type: 'Agent', id: 'writer' },
    action: { name: 'mcp:box/nothing' },
    resource: { type: 'Target', id: 'box' },
  })}\n`;

  it.each([
    ['policy test failing', '', 3],
    ['policy check', '', 0],
    ['decide', DENIED, 3],
    ['decide', DENIED.repeat(3000), 3],
    ['help', '', 0],
  ])('may go: %s still ends with its own code', async (words, stdin, code) => {
    ground.write('failing', 'agent writer\naction mcp:box/look {"id": "a"}\n----------\ndeny\n');
    const child = ground.open(words, {});
    child.stdout.destroy();
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    const said = text(child.stderr);
    expect(await once(child, 'exit')).toEqual([code, null]);
    expect(await said).toBe('');
  });

  it('is told where a full disk takes none of it', () => {
    const ended = spawnSync('sh', ['-c', `${ROOT}/lanyard help > /dev/full`], { encoding: 'utf8' });
    expect(ended).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^lanyard: What this prints could not be written: the disk is full/),
    });
  });

  it('is told where the directory that it is called in is gone', () => {
    const gone = `mkdir ${ground.directory}/gone && cd ${ground.directory}/gone && rmdir ../gone`;
    const ended = spawnSync('sh', ['-c', `${gone} && ${ROOT}/lanyard status`], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('lanyard: The directory that this was called in is gone;');
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
    ['logs', 2, 'Did you mean one of `log show`, `log verify`,'],
    ['show agent', 2, 'Did you mean `agent show`?'],
    ['agent writer token', 2, 'Did you mean one of `agent list`, `agent show`,'],
    ['token writer', 2, 'Did you mean one of `agent token`, `point token`?'],
    ['verify', 2, 'Did you mean `log verify`?'],
    ['--verison', 2, 'Did you mean `--version`?'],
    ['--json agent list', 2, 'Options stand behind the command'],
    ['agent token', 2, 'A word is missing. Usage: ./lanyard agent token ID'],
    ['stop agent:writer --why it deletes things', 2, '"deletes" is a word too many; what has spaces'],
    ['stop writer', 2, '"writer" names nothing here; an agent is agent:writer. Otherwise say all,'],
    ['stop ALL', 2, 'did you mean all? Otherwise say all,'],
    [
      'log show --since -1h',
      2,
      'lanyard: --since needs a value; one that begins with a dash stands behind a "="',
    ],
    ['log show --since 5', 2, '--since is a date such as 2026-11-20T20:00:00Z'],
    ['agent token writer --ttl', 2, '--ttl needs a value'],
    ['stop all --level frozen --level watched', 2, '--level is given twice'],
    ['catalog accept box --yes sha256:x --dry-run', 2, 'Say either --dry-run, which takes nothing, or --yes'],
    ['confirm soon', 2, '"soon" is no entry; say the number'],
    ['agent list', 4, 'No instance is running on this state.'],
    ['apply', 4, 'No instance is running'],
    ['stop all', 4, 'No instance is running'],
    ['stop all --why deleting --why loudly', 4, 'No instance is running'],
    ['log show', 1, 'There is no log in'],
    ['decide --record', 4, 'No instance is running'],
  ])('%s ends with %i', async (words, code, sentence) => {
    const ended = await ground.run(words);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
    expect(ended.stderr).toContain(sentence);
    expect(ended.stderr).not.toMatch(/^ +at /m);
  });

  it('takes nothing for a configuration that is no file, however it is named', async () => {
    const pipe = join(ground.directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const [named, why] of [
      ['', '-c names no file: its value is empty.'],
      [
        ground.directory,
        `${ground.directory} is no configuration: it is a directory; name the lanyard.yaml in it.`,
      ],
      [pipe, `${pipe} is no configuration: it is no file.`],
      ['/dev/zero', '/dev/zero is no configuration: it is no file.'],
      ['/nowhere', 'There is no configuration at /nowhere.'],
    ] as const)
      for (const command of ['status', 'stop all', 'policy check'])
        expect(await ground.runWords([...command.split(' '), '-c', named], { config: false })).toEqual({
          code: 2,
          stdout: '',
          stderr: `lanyard: ${why}\n`,
        });
  });

  it.skipIf(!IS_HELD)(
    'names what this user may not read, and where it may not write (skipped: root without setpriv)',
    () => {
      const policies = join(ground.directory, 'policies');
      mkdirSync(policies);
      ground.write('lanyard.yaml', ground.configuration({ policies: 'policies: [policies]' }));
      chmodSync(policies, 0);
      expect(held('policy check')).toMatchObject({
        status: 3,
        stderr: expect.stringMatching(
          /lanyard\.yaml:\d+:\d+: \S+\/policies cannot be read: this user may not/,
        ),
      });
      chmodSync(policies, 0o700);
      mkdirSync(ground.state);
      chmodSync(ground.state, 0o500);
      expect(held('up')).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^lanyard: \S+\/lock\.sqlite cannot be used: this user may not read or write it\.\n$/,
        ),
      });
    },
  );

  it('says what to type for a state whose path has a space, as a shell takes it', async () => {
    mkdirSync(join(ground.directory, "a b'c"));
    ground.write('lanyard.yaml', ground.configuration({ state: `state: "./a b'c"` }));
    const { stderr } = await ground.run('stop all');
    const typed = /still: (touch .*)$/m.exec(stderr)?.[1] ?? '';
    expect(spawnSync('sh', ['-c', typed]).status).toBe(0);
    expect(existsSync(join(ground.directory, "a b'c", 'STOP'))).toBe(true);
  });

  it('names no program where the first word behind -- is empty', async () => {
    const env = { LANYARD_TOKEN: 'lyd_any' };
    expect(
      await ground.runWords(['run', '--agent', 'writer', '--', ''], { env, config: false }),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The program to run has no name'),
    });
  });

  it('takes an option twice where it says the same, and not otherwise', async () => {
    const same = ['status', '-c', ground.config, '-c', ground.config];
    expect(await ground.runWords(same, { config: false })).toMatchObject({ code: 4 });
    expect(await ground.runWords(['-c', '/nowhere', ...same], { config: false })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--config is given twice, and not with the same value.'),
    });
  });

  it('says which rules are in a file that it passes over or cannot read', async () => {
    mkdirSync(join(ground.directory, 'policies'));
    ground.write('policies/mine.cedar', RULES);
    ground.write('policies/ours.ceder', 'forbid (principal, action, resource);');
    ground.write('policies/theirs.cedar.txt', 'forbid (principal, action, resource);');
    ground.write('policies/.mine.cedar.swp', '');
    ground.write('lanyard.yaml', ground.configuration({ policies: 'policies: [policies]' }));
    const passed = await ground.run('policy check');
    expect(passed).toMatchObject({ code: 0, stdout: '2 rules hold together\n' });
    expect(passed.stderr.trimEnd().split('\n')).toEqual([
      expect.stringContaining(
        '`policies/ours.ceder` is passed over: rules are read from files whose names end',
      ),
      expect.stringContaining('`policies/theirs.cedar.txt` is passed over'),
    ]);
    execFileSync('mkfifo', [join(ground.directory, 'policies', 'pipe.cedar')]);
    expect(await ground.run('policy check')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('policies/pipe.cedar cannot be read: it is no file'),
    });
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
