import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { socketOf } from '../../../src/cli/instance.ts';
import { tell } from '../../../src/main/doctor/operator.ts';
import { OperatorGround, RULES, type Running } from '../operator-ground.ts';

/** What was applied is in force, and nothing else, however often it is started. */

const NEVER = '@id("never") @reason("Not now")\nforbid (principal, action, resource);\n';

let ground: OperatorGround;
beforeEach(() => {
  ground = new OperatorGround();
});
afterEach(() => ground.remove());

const boxed = (upstream: object) => `upstreams: { box: ${JSON.stringify(upstream)} }`;

describe('what is in force', () => {
  // One after the other on one state, of which nothing may change.
  const one = new OperatorGround();
  let running: Running;
  let token: string;
  let restore: () => void;
  beforeAll(async () => {
    restore = one.keep('rules.cedar', 'lanyard.yaml', 'catalog.yaml');
    running = await one.up();
    token = await one.token();
  });
  afterAll(() => one.remove());

  it('warns as `policy check` does, each line of it a line', async () => {
    restore();
    one.write('rules.cedar', `${RULES}\npermit (principal, action in Action::"risk:draft", resource);\n`);
    const checked = await one.run('policy check');
    expect(checked.stderr).toMatch(/^rules\.cedar:4:1: warning:[^\n]+\n {2}4 \| permit/);
    const shown = await one.run('apply --dry-run');
    expect(shown).toMatchObject({ code: 0, stderr: checked.stderr });
  });

  it.each<[string, () => void, string?]>([
    ['rules', () => one.write('rules.cedar', NEVER), '  ~ policy rules.cedar'],
    [
      'the configuration',
      () => one.write('lanyard.yaml', one.configuration({ policies: '' })),
      '  ~ policies: ["rules.cedar"] → []',
    ],
    [
      'the catalog',
      () => one.write('catalog.yaml', 'catalog: plain\noperations: {}\n'),
      '  ~ catalog catalog.yaml',
    ],
    ['files that are gone', () => rmSync(join(one.directory, 'rules.cedar'))],
    ['files that are broken', () => one.write('rules.cedar', 'permit (')],
    ['a configuration that is broken', () => one.write('lanyard.yaml', 'listen: 5\nupstreams: 7\n')],
  ])('edited %s change nothing before apply, a restart included', async (_, edit, place) => {
    restore();
    edit();
    expect((await running.call(token, 'look')).text).toContain('done');
    await running.end();
    running = await one.up();
    expect((await running.call(token, 'look')).text).toContain('done');
    await running.says(/The files (differ from|cannot be read|have problems)/);
    if (place !== undefined) await running.says(place);
    expect(await one.entries('operator.applied')).toHaveLength(1);
  });

  it('is what `policy show` shows, while `policy check` reads the files', async () => {
    restore();
    one.write('rules.cedar', NEVER);
    expect((await one.run('policy show')).stdout).toContain('reads');
    expect((await one.run('policy show')).stdout).not.toContain('never');
    expect(await one.run('policy check')).toMatchObject({ code: 0, stdout: '2 rules hold together\n' });
    one.write('rules.cedar', `${RULES}forbid (principal, action in Action::"risk:raed", resource);\n`);
    const checked = await one.run('policy check');
    expect(checked.code).toBe(3);
    expect(checked.stderr).toMatch(/rules\.cedar:3:\d+/);
    expect(checked.stderr).toContain('^');
    const json = JSON.parse((await one.run('policy check --json')).stdout) as { problems: object[] };
    expect(json.problems).toContainEqual(expect.objectContaining({ severity: 'error', line: 3 }));
  });
});

describe('apply', () => {
  // On one instance, which each test finds with the set that it began with.
  const ground = new OperatorGround();
  let running: Running;
  let restore: () => void;
  beforeAll(async () => {
    restore = ground.keep('rules.cedar', 'lanyard.yaml');
    running = await ground.up();
    await running.url();
  });
  beforeEach(async () => {
    restore();
    expect(await tell(socketOf(ground.config) ?? '', 'POST /v1/apply', { dryRun: false })).toMatchObject({
      status: 200,
    });
  });
  afterAll(() => ground.remove());

  it('shows the difference, takes nothing with --dry-run, and swaps what is decided by', async () => {
    const token = await ground.token();
    ground.write('rules.cedar', NEVER);
    const dry = await ground.run('apply --dry-run');
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain('+ @id("never")');
    expect(dry.stdout).toMatch(/Not applied \(--dry-run\)\.\n$/);
    expect((await running.call(token, 'look')).text).toContain('done');
    expect(await ground.run('apply')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Applied\.\n$/),
    });
    expect((await running.call(token, 'look')).text).toContain('"rules":["never"]');
    expect(await ground.run('apply')).toMatchObject({
      code: 0,
      stdout: 'Nothing differs from what is in force.\n',
    });
    expect((await ground.entries('operator.applied')).at(-1)).toMatchObject({ by: 'socket', proof: 'none' });
  });

  it('knows what merely tightens', async () => {
    const applied = async () => {
      expect(await ground.run('apply')).toMatchObject({ code: 0 });
      return (await ground.entries('operator.applied')).at(-1);
    };
    ground.write('more.cedar', NEVER);
    ground.write('lanyard.yaml', ground.configuration({ policies: 'policies: [rules.cedar, more.cedar]' }));
    expect(await applied()).not.toHaveProperty('proof');
    const lowered =
      'agents: [{ id: writer, owner: ada, purpose: Looks, level: frozen }, { id: other, owner: ada, purpose: Looks }]';
    const both = { policies: 'policies: [rules.cedar, more.cedar]', agents: lowered };
    ground.write('lanyard.yaml', ground.configuration(both));
    expect(await applied()).not.toHaveProperty('proof');
    // After a restart too, and by a rule in a file that is there.
    await running.end();
    running = await ground.up();
    await running.url();
    ground.write('rules.cedar', `${RULES}${NEVER.replace('never', 'nor-then')}`);
    expect(await applied()).not.toHaveProperty('proof');
    ground.write('rules.cedar', RULES);
    expect(await applied()).toMatchObject({ proof: 'none' });
    ground.write('lanyard.yaml', ground.configuration({ policies: both.policies }));
    expect(await applied()).toMatchObject({ proof: 'none' });
    ground.write('lanyard.yaml', ground.configuration());
    expect(await applied()).toMatchObject({ proof: 'none' });
  });

  it('refuses files with problems, and leaves what is in force', async () => {
    ground.write('rules.cedar', 'permit (');
    const refused = await ground.run('apply');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/nothing was applied\.\n.*rules\.cedar:1:/s);
    ground.write('lanyard.yaml', 'listen: 5\nagnets: []\n');
    const broken = await ground.run('apply');
    expect(broken.stderr).toContain('did you mean `agents`?');
    expect((await running.call(await ground.token(), 'look')).text).toContain('done');
  });

  it('refuses the token of an agent that was taken out', async () => {
    const token = await ground.token('other');
    expect((await running.call(token, 'look')).text).toContain('done');
    ground.write(
      'lanyard.yaml',
      ground.configuration({ agents: 'agents: [{ id: writer, owner: ada, purpose: Looks }]' }),
    );
    expect(await ground.run('apply')).toMatchObject({ code: 0 });
    expect((await running.call(token, 'look')).status).toBe(401);
    expect(await ground.run('agent revoke other')).toMatchObject({
      code: 0,
      stdout: 'revoked 1 token of other\n',
    });
  });
});

describe('apply, after a start of its own', () => {
  it('pins another server under an old name anew, and a changed one of the same not', async () => {
    const running = await ground.up();
    const token = await ground.token();
    await running.end();
    ground.tools('look', 'late');
    const second = await ground.up();
    await second.says('lists otherwise than it is pinned');
    expect((await second.call(token, 'late')).text).toContain('PIN_CHANGED');
    ground.write('lanyard.yaml', ground.configuration({ upstreams: boxed(ground.upstream({ OTHER: '1' })) }));
    expect(await ground.run('apply')).toMatchObject({ code: 0 });
    expect((await second.call(token, 'late')).text).toContain('done');
  });

  it('takes a changed definition only as it was shown', async () => {
    await (await ground.up()).end();
    ground.tools('look | Now does something else', 'wait', 'tell | Tells otherwise');
    const running = await ground.up();
    const token = await ground.token();
    expect((await running.call(token, 'look')).text).toContain('PIN_CHANGED');
    const shown = await ground.run('catalog accept box/look --dry-run');
    expect(shown.code).toBe(0);
    expect((await running.call(token, 'look')).text).toContain('PIN_CHANGED');
    expect(shown.stdout).toContain('Now does something else');
    const digest = /--yes (\S+)/.exec(shown.stdout)?.[1] ?? '';
    expect(await ground.run(`catalog accept box/look --yes sha256:${'0'.repeat(64)}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has changed again since that was shown'),
    });
    expect(await ground.run(`catalog accept box/look --yes ${digest}`)).toMatchObject({
      code: 0,
      stdout: 'Accepted.\n',
    });
    expect((await running.call(token, 'look')).text).toContain('done');
    // The plain command, in a script: what it shows is what it takes.
    expect((await running.call(token, 'tell')).text).toContain('PIN_CHANGED');
    expect(await ground.run('catalog accept box')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Tells otherwise[\s\S]*\nAccepted\.\n$/),
    });
    expect((await running.call(token, 'tell')).text).toContain('nothing');
    expect(await ground.run('catalog accept box')).toMatchObject({ code: 1 });
    expect(await ground.run('catalog accept bax')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did you mean "box"?'),
    });
  });
});

/** All that is answered to a change of protocol, at a socket. */
function upgraded(path: string): Promise<string> {
  const socket = connect(path);
  socket.write('GET /v1/status HTTP/1.1\r\nHost: socket\r\nConnection: Upgrade\r\nUpgrade: run\r\n\r\n');
  return text(socket);
}

describe('a set in force that cannot start', () => {
  it('brings up only the operator socket, until apply mends it', async () => {
    const secret = ground.upstream({ SECRET: 'env:BOX_SECRET' });
    ground.write('lanyard.yaml', ground.configuration({ upstreams: boxed(secret) }));
    const first = await ground.up({ BOX_SECRET: 'correct-horse-battery' });
    const token = await ground.token();
    await first.end();

    const running = ground.launch();
    await running.says('everything stands still');
    await running.says('upstreams.box.env.SECRET: the environment has no BOX_SECRET');
    expect(running.stdout).toBe('');
    expect(await ground.run('apply')).toMatchObject({ code: 1 });
    expect(await ground.run('agent token writer')).toMatchObject({ code: 1, stdout: '' });
    expect(await ground.run('release all --why please')).toMatchObject({ code: 1 });
    expect((await ground.run('status')).stdout).toContain('everything stands still');
    expect((await ground.run('agent list')).stdout).toMatch(/^writer +ada +frozen +1 /m);
    expect(await upgraded(socketOf(ground.config) ?? '')).toMatch(/^HTTP\/1\.1 400 [\s\S]*"NO_UPGRADE"/);
    // What tightens works all the same, and outlasts the mending.
    expect(await ground.run('stop agent:other')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^agent:other is frozen\n/),
    });

    ground.write('lanyard.yaml', ground.configuration());
    expect(await ground.run('apply --dry-run')).toMatchObject({ code: 0 });
    expect(await ground.run('apply')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Applied\.\n$/),
    });
    await running.url();
    expect((await running.call(token, 'look')).text).toContain('done');
    expect((await running.call(await ground.token('other'), 'look')).text).toContain('FROZEN');
  });

  it('ends when it is told to', async () => {
    ground.write(
      'lanyard.yaml',
      ground.configuration({ upstreams: boxed(ground.upstream({ SECRET: 'env:BOX_SECRET' })) }),
    );
    await (await ground.up({ BOX_SECRET: 'correct-horse-battery' })).end();
    const running = ground.launch();
    await running.says('everything stands still');
    expect(await running.end()).toBe('0');
    expect(running.stdout).toBe('');
  });
});

describe('killed', () => {
  it('ends every token, gives no new one, and is not released while nobody can sign in', async () => {
    const running = await ground.up();
    const token = await ground.token();
    expect(await ground.run('stop agent:writer --level killed')).toMatchObject({ code: 0 });
    expect((await running.call(token, 'look')).status).toBe(401);
    for (const [words, sentence] of [
      ['agent token writer', 'release it first, which two people sign'],
      ['release agent:writer --why sorry', 'nobody has a passkey yet'],
    ] as const)
      expect(await ground.run(words)).toMatchObject({ code: 1, stderr: expect.stringContaining(sentence) });
    await running.end();
    const again = await ground.up();
    expect((await again.call(token, 'look')).status).toBe(401);
  });
});

describe('without an instance', () => {
  it('decides on the files, records nothing, and needs no secret for it', async () => {
    ground.write(
      'lanyard.yaml',
      ground.configuration({ upstreams: boxed(ground.upstream({ SECRET: 'env:BOX_SECRET' })) }),
    );
    await (await ground.up({ BOX_SECRET: 'correct-horse-battery' })).end();
    const before = await ground.entries();
    const ask = {
      subject: { type: 'Agent', id: 'writer' },
      action: { name: 'mcp:box/look' },
      resource: { type: 'Target', id: 'box' },
    };
    const decided = await ground.run('decide', { stdin: `${JSON.stringify(ask)}\n` });
    expect(decided).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(decided.stdout)).toMatchObject({ decision: true });
    expect(await ground.entries()).toEqual(before);
    expect(await ground.run('policy show')).toMatchObject({ code: 4, stdout: '' });
    expect(await ground.run('policy check')).toMatchObject({ code: 0 });
  });
});
