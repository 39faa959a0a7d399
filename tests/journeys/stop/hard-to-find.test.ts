import { execFile } from 'node:child_process';
import { chmodSync, existsSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../source-tree.ts';
import { OutsideGround } from './outside-ground.ts';

/** An instance that runs, while its file is half an edit, or its state is not for the user who asks. */

let outside: OutsideGround;
let whole: string;
beforeAll(async () => {
  outside = await OutsideGround.open();
  whole = outside.ground.read('lanyard.yaml');
});
afterAll(() => outside.ground.remove());

describe('a configuration that is no YAML any more', () => {
  afterEach(async () => {
    outside.ground.write('lanyard.yaml', whole);
    await outside.release('agent:writer');
  });

  it.each([
    ['names its state', 'state: ./state\npolicies: [rules.cedar\n- : ['],
    ['says nothing of a state', 'policies: [rules.cedar\n- : ['],
  ])('P4 and %s keeps nobody from stopping, and from reading the log', async (_, half) => {
    outside.ground.write('lanyard.yaml', `${whole}${half}\n`);
    expect(await outside.ground.run('stop agent:writer')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('agent:writer is frozen'),
    });
    expect(await outside.ground.run('log show')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('containment.stopped  agent:writer'),
    });
    const applied = await outside.ground.run('apply');
    expect(applied).toMatchObject({ code: 1, stdout: '' });
    expect(applied.stderr).toContain('this is not valid YAML');
  });

  it('P4 still says where the brake is', async () => {
    outside.ground.write('lanyard.yaml', `${whole}- : [\n`);
    const socket = join(outside.ground.state, 'operator.sock');
    renameSync(socket, `${socket}.gone`);
    const ended = await outside.ground.run('stop agent:writer', { env: { LANYARD_STOP_TOKEN: outside.key } });
    renameSync(`${socket}.gone`, socket);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('agent:writer is frozen') });
    expect(ended.stderr).toContain('this went through the brake');
  });

  it('and names two states stops nothing by a guess, and says what stops it', async () => {
    outside.ground.write('lanyard.yaml', 'state: ./state\nstate: ./other\n');
    const ended = await outside.ground.run('stop all');
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('so its state cannot be found');
    expect(ended.stderr).toContain(
      'Nothing was stopped. What freezes everything all the same: a file named STOP',
    );
  });

  it('starts nothing', async () => {
    outside.ground.write('lanyard.yaml', `${whole}- : [\n`);
    const ended = await outside.ground.run('up');
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('this is not valid YAML');
  });
});

const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
});

describe('a disk that takes no byte', () => {
  it('P4 has room for the name of the file STOP, which is enough', async () => {
    const file = join(outside.ground.state, 'STOP');
    const socket = join(outside.ground.state, 'operator.sock');
    renameSync(socket, `${socket}.gone`);
    symlinkSync('/dev/full', file);
    const ended = await outside.ground.run('stop all');
    renameSync(`${socket}.gone`, socket);
    rmSync(file);
    expect(ended).toMatchObject({ code: 0, stdout: 'all is frozen\n' });
    expect(ended.stderr).toContain(file);
    expect(await outside.release()).toBe(200);
  });
});

/** Root passes every mode of a file, unless it is without these two. */
const ASKING =
  process.getuid?.() === 0
    ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search', '--inh-caps', '-all']
    : ['env'];
const isPlayable = ASKING[0] === 'env' || existsSync('/usr/bin/setpriv');

describe.skipIf(!isPlayable)('a state that the user cannot enter (skipped: root without setpriv)', () => {
  beforeEach(() => chmodSync(outside.ground.state, 0));
  afterEach(() => chmodSync(outside.ground.state, 0o700));

  /** `./lanyard WORDS` to its end, held to the modes of files. */
  async function asked(words: string, env: Readonly<Record<string, string>> = {}, stdin = '') {
    const [program = '', ...rest] = [...ASKING, process.execPath, join(ROOT, 'src/cli/lanyard.ts')];
    const given = [...rest, ...words.split(' '), '-c', outside.ground.config];
    const options = { env: { ...process.env, NODE_OPTIONS: '', ...env } };
    const ended = promisify(execFile)(program, given, options);
    ended.child.stdin?.end(stdin);
    return ended.then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    );
  }

  it.each([
    ['stop all', 4],
    ['status', 4],
    ['decide', 4],
    ['inventory', 4],
    ['log show', 1],
    ['log verify', 1],
    ['doctor', 1],
  ])('%s does not say that nothing runs or lies there', async (words, code) => {
    const ended = await asked(words);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(`This user cannot enter the state ${outside.ground.state}`);
    expect(ended.stderr).toContain('run this as its owner, the user with the id');
  });

  it('says that nothing was stopped, and stops by the brake whoever has a key', async () => {
    expect((await asked('stop agent:writer')).stderr).toContain(
      'Nothing was stopped. With a stop key of yours in LANYARD_STOP_TOKEN, its brake takes the stop.',
    );
    const ended = await asked('stop agent:writer', { LANYARD_STOP_TOKEN: outside.key });
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('agent:writer is frozen') });
    expect(ended.stderr).toContain('this went through the brake');
  });

  it('lets an agent in by `mcp`, which takes the word of the file for where the door is', async () => {
    chmodSync(outside.ground.state, 0o700);
    const { token } = (await outside.ada.do('/v1/agents/writer/token')).body;
    outside.ground.write(
      'lanyard.yaml',
      whole.replace('127.0.0.1:0', new URL(await outside.running.url()).host),
    );
    chmodSync(outside.ground.state, 0);
    const ended = await asked('mcp box', { LANYARD_TOKEN: token }, `${INITIALIZE}\n`);
    outside.ground.write('lanyard.yaml', whole);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('"serverInfo"') });
  });
});
