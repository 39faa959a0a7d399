import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';

/** What an operator does with a running instance, by the command line and nothing else. */

let ground: OperatorGround;
let running: Running;
beforeAll(async () => {
  ground = new OperatorGround();
  running = await ground.up();
  await running.url();
});
afterAll(() => ground.remove());

describe('tokens', () => {
  it('prints a token as the last word on stdout, and nothing else there', async () => {
    const made = await ground.run('agent token writer --ttl 2d');
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(/^lyd_\S+\n$/);
    expect(made.stderr).not.toContain('lyd_');
    expect((await running.call(made.stdout.trim(), 'look')).status).toBe(200);
  });

  it('keeps the old ones working until they are revoked, and then refuses them all', async () => {
    const [first, second] = [await ground.token('other'), await ground.token('other')];
    expect((await running.call(first, 'look')).text).toContain('done');
    const revoked = await ground.run('agent revoke other');
    expect(revoked).toMatchObject({ code: 0, stdout: 'revoked 2 tokens of other\n' });
    expect((await running.call(first, 'look')).status).toBe(401);
    expect((await running.call(second, 'look')).status).toBe(401);
  });

  it('keeps no token in the log nor in the state', async () => {
    const token = await ground.token();
    const secret = token.slice('lyd_12345678_'.length);
    const log = await ground.run('log show --json');
    expect(log.stdout).toContain('"kind":"operator.token"');
    expect(log.stdout).not.toContain(secret);
    expect(ground.read('state/log.sqlite')).not.toContain(secret);
  });

  it.each([
    ['agent token nobody', 1, 'There is no agent "nobody"'],
    ['agent token writre', 1, 'did you mean "writer"?'],
    ['agent revoke writre', 1, 'did you mean "writer"?'],
    ['agent token writer --ttl 5', 2, '--ttl is a number and s, m, h or d'],
    ['agent token writer --ttl 3651d', 2, 'and 3650d at most'],
    ['point token writer --ttl 99999d', 2, 'and 3650d at most'],
    ['agent token', 2, 'Usage: ./lanyard agent token ID'],
    ['agent show writre', 1, 'did you mean "writer"?'],
  ])('%s ends with %i', async (words, code, sentence) => {
    const ended = await ground.run(words);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
    expect(ended.stderr).toContain(sentence);
  });

  it('makes none by the socket either that outlives whoever made it', async () => {
    const days = (count: number) => ({ agent: 'writer', ttlMs: count * 86_400_000 });
    await expect(ask(ground.config, 'POST /v1/token', days(3651))).rejects.toThrow(
      'A token is good for 3650 days at most',
    );
    expect(await ask(ground.config, 'POST /v1/token', days(3650))).toHaveProperty('token');
  });

  it('shows what there is where no command stands, with a file or without, and which version it is', async () => {
    const asked = await ground.run('-c lanyard.yaml', { config: false });
    expect(asked).toMatchObject({ code: 2, stdout: expect.stringContaining('Usage: ./lanyard COMMAND') });
    expect(await ground.run('--version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^lanyard \d+\.\d+\.\d+\S*\n$/),
    });
  });
});

describe('stop and release', () => {
  it('stops one agent and not the other, and releases it with a reason', async () => {
    const [writer, other] = [await ground.token(), await ground.token('other')];
    expect(await ground.run('stop agent:writer --why asleep.')).toMatchObject({
      code: 0,
      stdout: 'agent:writer is frozen\nnothing runs until a person releases it\nnothing was running there\n',
    });
    expect((await running.call(writer, 'look')).text).toContain('"code":"FROZEN"');
    expect((await running.call(other, 'look')).text).toContain('done');
    const shown = await ground.run('agent show writer');
    const reason =
      /Stopped by socket at \S+Z: asleep\. \.\/lanyard cases show \w{26} says what was done before$/m;
    expect(shown.stdout).toMatch(/^writer is frozen: nothing of it runs\.$/m);
    expect(shown.stdout).toMatch(reason);
    expect((await ground.run('status')).stdout).toMatch(reason);
    expect(shown.stdout).toMatch(/^Token [0-9a-f]+: good until \S+Z$/m);
    expect(shown.stdout).not.toMatch(/[{[]|null|undefined/);
    expect(await ground.run('release agent:writer')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('A release needs a reason'),
    });
    expect((await running.call(writer, 'look')).text).toContain('"code":"FROZEN"');
    expect(await ground.run('release agent:writer --why awake')).toMatchObject({
      code: 0,
      stdout: 'agent:writer was frozen and is released\n',
    });
    expect(await ground.run('release agent:writre --why awake')).toMatchObject({
      code: 1,
      stderr: 'lanyard: There is no agent "writre" here (did you mean "writer"?). Nothing was released.\n',
    });
    expect((await running.call(writer, 'look')).text).toContain('done');
    const acts = await ground.entries('containment.stopped', 'containment.released');
    expect(acts.map(({ kind, scope, by, proof, why }) => ({ kind, scope, by, proof, why }))).toEqual([
      { kind: 'containment.stopped', scope: 'agent:writer', by: 'socket', proof: undefined, why: 'asleep.' },
      { kind: 'containment.released', scope: 'agent:writer', by: 'socket', proof: 'none', why: 'awake' },
    ]);
  });

  it('a stop of a session that nobody knows stands, and says that nobody does; of one that the log names it does not', async () => {
    const unheard = 'No such session is known: nothing alive and no entry of the log names it.';
    const asked = await ground.run('stop session:nobody --dry-run');
    expect(asked.stdout).toContain(`${unheard} A stop of it would stand all the same`);
    const stopped = await ground.run('stop session:nobody');
    expect(stopped).toMatchObject({ code: 0, stdout: expect.stringContaining(`${unheard} The stop stands`) });
    expect(await ask(ground.config, 'GET /v1/status')).toMatchObject({
      levels: { 'session:nobody': 'frozen' },
    });
    expect((await running.call(await ground.token(), 'look')).text).toContain('done');
    const [{ session } = { session: '' }] = await ground.entries('action.decided');
    const known = await ground.run(`stop session:${session}`);
    expect(known.stdout).not.toContain('No such session');
    for (const one of ['nobody', session])
      expect((await ground.run(`release session:${one} --why over`)).code).toBe(0);
  });

  it('says what holds an agent all the same', async () => {
    await ground.run('stop agent:writer');
    await ground.run('stop owner:ada --level watched');
    expect(await ground.run('release agent:writer --why awake')).toMatchObject({
      stdout: expect.stringMatching(/is released\nIt is watched still, by another stop: /),
    });
    expect(await ground.run('release owner:ada --why awake')).toMatchObject({ code: 0 });
  });

  it('P4 counts the very same stop that many give at once, and loses none', async () => {
    const body = { scope: 'agent:writer', level: 'frozen', why: 'all at once' };
    await Promise.all(Array.from({ length: 20 }, () => ask(ground.config, 'POST /v1/stop', body)));
    // A release waits for what is counted.
    await ask(ground.config, 'POST /v1/release', { scope: 'agent:writer', why: 'counted' });
    const stops = (await ground.entries('containment.stopped')).filter(({ why }) => why === 'all at once');
    expect(stops.reduce((sum, { repeats = 1 }) => sum + Number(repeats), 0)).toBe(20);
    expect(stops[0]).not.toHaveProperty('repeats');
    expect((await running.call(await ground.token(), 'look')).text).toContain('done');
  });

  it('never loosens by a milder stop', async () => {
    await ground.run('stop all --level frozen');
    expect(await ground.run('stop all --level watched')).toMatchObject({
      stdout: expect.stringMatching(/^all is frozen\n/),
    });
    expect(await ground.run('release all --why over')).toMatchObject({ code: 0 });
  });

  it.each([
    ['stop agent:writre', 1, 'did you mean "writer"?'],
    ['stop kitchen', 2, 'say all, agent:ID'],
    ['stop agent:', 2, 'say all, agent:ID'],
    ['stop agent:writer --level bogus', 2, 'is no level to stop at; say watched, frozen or killed'],
    ['stop all --level live', 2, 'is no level to stop at'],
    ['stop operation:kitchen --dry-run', 2, 'say all, agent:ID'],
    ['release kitchen --why over', 2, 'say all, agent:ID'],
    ['drill agent:writre', 1, 'did you mean "writer"?'],
    ['drill owner:ada', 2, 'say agent:ID'],
    ['drill agent:writer --level watched', 2, 'is no level to drill; say frozen or killed'],
    ['stop', 2, 'Usage: ./lanyard stop'],
    ['stop all --levle frozen', 2, 'Did you mean --level?'],
  ])('%s ends with %i', async (words, code, sentence) => {
    const ended = await ground.run(words);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain(sentence);
  });

  it('tells whoever watches the instance of many acts by the socket', async () => {
    await running.says('operator acts by socket within 10 minutes');
  });
});

describe('which configuration', () => {
  it('is said before the command as well as behind it', async () => {
    const listed = await ground.run('agent list --json');
    for (const words of [
      `-c ${ground.config} agent list --json`,
      `agent --config=${ground.config} list --json`,
    ])
      expect(await ground.run(words, { config: false, cwd: '/' })).toEqual(listed);
    expect(await ground.run('-c', { config: false })).toMatchObject({ code: 2 });
  });
});

describe('looking', () => {
  it('lists agents and the catalog, for people and as one document', async () => {
    const agents = await ground.run('agent list --json');
    expect(JSON.parse(agents.stdout)).toMatchObject([
      { id: 'writer', owner: 'ada', level: 'live', contained: false },
      { id: 'other' },
    ]);
    const catalog = JSON.parse((await ground.run('catalog list --json')).stdout) as object[];
    expect(catalog).toContainEqual(
      expect.objectContaining({ upstream: 'box', name: 'look', risk: 'read', standing: 'as pinned' }),
    );
    expect((await ground.run('catalog show box/look')).stdout).toMatch(/box +2025 +tool +look +read/);
    expect(await ground.run('catalog show mcp:box/look')).toEqual(await ground.run('catalog show box/look'));
    for (const [words, sentence] of [
      ['show bax', 'an upstream "bax"; did you mean "box"?'],
      ['show bax/look', 'an upstream "bax"; did you mean "box"?'],
      ['show box/loook', '"loook" at box; did you mean "look"?'],
      ['show box/a-name-unlike-any', 'at box; see ./lanyard catalog show box.'],
      ['accept box/loook', 'Nothing called "loook" is listed by box or pinned; did you mean "look"?'],
      ['accept box/look', 'Nothing of box/look differs from its pins.'],
    ] as const)
      expect(await ground.run(`catalog ${words}`)).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining(sentence),
      });
    expect(JSON.parse((await ground.run('status --json')).stdout)).toMatchObject({
      url: await running.url(),
      fault: null,
      upstreamsMissing: [],
    });
  });

  it('names what no agent is shown, and why, in every place where a person looks', async () => {
    ground.tools('look', 'wait', 'tell', 'late', 'no+name', 'echo', 'echo | Another');
    await running.ask(await ground.token(), 'tools/list', {});
    await running.says('box lists what agents are not shown: tool no+name: its name is not of 1 to 128');
    await running.says('tool echo: its name is listed more than once (LISTED_TWICE)');
    const rows = JSON.parse((await ground.run('catalog list --json')).stdout) as object[];
    const why = expect.stringContaining('its name is not of 1 to 128');
    expect(rows).toContainEqual(
      expect.objectContaining({ name: 'no+name', standing: 'unusable, hidden', why }),
    );
    expect((await ground.run('catalog show box/no+name')).stdout).toContain(
      'box/no+name is shown to no agent: its name is not',
    );
    expect(rows.filter((row) => 'name' in row && row.name === 'echo')).toEqual([
      expect.objectContaining({
        kind: 'tool',
        standing: 'unusable, hidden',
        code: 'LISTED_TWICE',
        pin: null,
      }),
    ]);
    expect((await ground.run('catalog list')).stdout).toContain(
      'box/echo is shown to no agent: its name is listed more than once (LISTED_TWICE)',
    );
    // The rest of such a list is what it was.
    expect(JSON.stringify(await running.call(await ground.token(), 'look'))).toContain('done');
    expect(JSON.stringify(await running.call(await ground.token(), 'echo'))).toContain('LISTED_TWICE');
    ground.tools('look', 'wait', 'tell', 'late');
    await running.ask(await ground.token(), 'tools/list', {});
  });

  it('shows the log by agent, session and time, for people and by line', async () => {
    await running.call(await ground.token('other'), 'look');
    const mine = await ground.run('log show --agent other');
    expect(mine.code).toBe(0);
    expect(mine.stdout).toMatch(/allow +other +mcp:box\/look/);
    expect(mine.stdout).not.toContain('writer');
    expect((await ground.run('log show')).stdout).toMatch(
      /^ *\d+ {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}containment.stopped .*agent:writer frozen by socket \(asleep\.\)$/m,
    );
    const decided = (await ground.entries('action.decided')).at(-1);
    const session = await ground.run(`log show --json --session ${String(decided?.['session'])}`);
    expect(session.stdout.trim().split('\n')).toHaveLength(2);
    expect(await ground.run('log show --agent othre --since 2099-01-01')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'lanyard: The log has no entry for --agent othre --since 2099-01-01; did you mean "other"?\n',
    });
    expect((await ground.run('log show --agent other --since 2099-01-01')).stderr).toBe(
      'lanyard: The log has no entry for --agent other --since 2099-01-01.\n',
    );
    // It would wait for ever, and without a word.
    const following = ground.open('log show --agent othre --follow', {});
    const [said] = (await once(following.stderr.setEncoding('utf8'), 'data')) as [string];
    expect(said).toContain('did you mean "other"?');
    following.kill();
    expect((await ground.run('log show --since 1h --json')).stdout).toContain('instance.started');
    expect(await ground.run('log show --since soon')).toMatchObject({ code: 2 });
  });

  it('explains an action', async () => {
    const decided = (await ground.entries('action.decided')).find((entry) => entry['decision'] === 'allow');
    const explained = await ground.run(`policy explain ${String(decided?.['action'])}`);
    expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining('reads') });
    const byEntry = await ground.run(`policy explain ${String(decided?.['seq'])}`);
    expect(byEntry.stdout).toBe(explained.stdout);
    expect(await ground.run('policy explain nothing')).toMatchObject({
      code: 1,
      stderr: 'lanyard: There is no action "nothing" in the log.\n',
    });
  });
});

describe('decide', () => {
  const ask = (agent: string, operation: string) =>
    `${JSON.stringify({
      subject: { type: 'Agent', id: agent },
      action: { name: operation },
      resource: { type: 'Target', id: 'box' },
      context: { input: { id: 'a' } },
    })}\n`;

  it('answers a line for each line, and exits 3 if one is denied', async () => {
    const allowed = await ground.run('decide', { stdin: ask('writer', 'mcp:box/look') });
    expect(allowed.code).toBe(0);
    expect(JSON.parse(allowed.stdout)).toMatchObject({ decision: true, context: { rules: ['reads'] } });
    const both = await ground.run('decide', {
      stdin: `${ask('writer', 'mcp:box/look')}{"subject":1}\nno json\n${ask('writer', 'mcp:box/nothing')}`,
    });
    expect(both.code).toBe(3);
    const answers = both.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { decision: boolean });
    expect(answers.map(({ decision }) => decision)).toEqual([true, false, false, false]);
  });

  it('records nothing unless it is told to', async () => {
    const before = await ground.entries('action.decided');
    await ground.run('decide', { stdin: ask('writer', 'mcp:box/look') });
    expect(await ground.entries('action.decided')).toHaveLength(before.length);
    const recorded = await ground.run('decide --record', { stdin: ask('writer', 'mcp:box/look') });
    const entry = (await ground.entries('action.decided')).at(-1);
    expect(JSON.parse(recorded.stdout)).toMatchObject({ context: { action: entry?.['action'] } });
    expect(entry).toMatchObject({ door: 'check', decision: 'allow' });
  });
});
