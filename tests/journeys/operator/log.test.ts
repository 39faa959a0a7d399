import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../source-tree.ts';
import { OperatorGround } from '../operator-ground.ts';

/** The log by the command line: followed while it grows, verified, exported, and read as a bundle. */

let ground: OperatorGround;
beforeAll(async () => {
  ground = new OperatorGround();
  const running = await ground.up();
  await running.url();
  expect((await running.call(await ground.token('writer'), 'look')).text).toContain('done');
});
afterAll(() => ground.remove());

describe('log show --follow', () => {
  it('shows what comes after, an entry a line', async () => {
    const words = ['log', 'show', '--follow', '--json', '-c', ground.config];
    const follower = spawn(`${ROOT}/lanyard`, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    let seen = '';
    const found = new Promise<void>((done) => {
      follower.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        seen += chunk;
        if (/"why":"a sight to follow".*\n/.test(seen)) done();
      });
    });
    await once(follower.stdout, 'data');
    await ground.runWords(['stop', 'agent:other', '--why', 'a sight to follow']);
    await found;
    follower.kill('SIGTERM');
    const seqs = seen
      .slice(0, seen.lastIndexOf('\n'))
      .split('\n')
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
    expect(seqs).toEqual(seqs.map((_, i) => i));
    await ground.run('release agent:other --why seen');
  });
});

describe('the log', () => {
  it('verifies, exports, and verifies as a bundle anywhere', async () => {
    expect(await ground.run('log verify --deep')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The log holds: '),
    });
    const bundle = `${ground.directory}/bundle.ndjson`;
    const exported = await ground.run(`log export ${bundle}`);
    expect(exported).toMatchObject({ code: 0, stdout: '' });
    const key = /verifier key (\S+)/.exec(exported.stderr)?.[1] ?? '';
    const alone = { cwd: '/', config: false };
    expect(await ground.run(`log verify --bundle ${bundle}`, alone)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^The key came with the log itself: this proves integrity, not origin\./),
    });
    ground.write('key', `${key}\n`);
    const held = await ground.run(`log verify --bundle ${bundle} --key ${ground.directory}/key`, alone);
    expect(held).toMatchObject({ code: 0, stdout: expect.not.stringContaining('integrity, not origin') });
    ground.write(
      'bundle.ndjson',
      ground.read('bundle.ndjson').replace('"agent":"writer"', '"agent":"xriter"'),
    );
    expect(await ground.run(`log verify --bundle ${bundle}`, alone)).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('The log does not hold from entry'),
    });
    // An action by whose name the line above would be written anew: the log would seem to hold.
    const forged = ground
      .read('bundle.ndjson')
      .split('\n')
      .map((line) =>
        line.includes('"decision":"allow"')
          ? line.replace(/"action":"[^"]*"/, String.raw`"action":"\u001b[1A\u001b[2KThe log holds"`)
          : line,
      );
    ground.write('bundle.ndjson', forged.join('\n'));
    const steered = await ground.run(`log verify --deep --bundle ${bundle}`, alone);
    expect(steered.code).toBe(3);
    expect(steered.stdout).toContain('open: action \ufffd[1A\ufffd[2KThe log holds');
    expect(steered.stdout).not.toContain('\u001b');
    for (const [file, why] of [
      [`${ground.directory}/nowhere/bundle.ndjson`, 'its directory does not exist'],
      [ground.directory, 'it is a directory'],
    ])
      expect(await ground.run(`log export ${file}`)).toMatchObject({
        code: 1,
        stdout: '',
        stderr: `lanyard: The log could not be exported to ${file}: ${why}. Name another file, or - for standard output.\n`,
      });
    const gone = `${ground.directory}/gone`;
    for (const [words, sentence] of [
      [`log verify --bundle ${gone}`, `The bundle ${gone} cannot be read: it does not exist.`],
      [`log verify --key ${gone}`, `The key ${gone} cannot be read: it does not exist.`],
      [`log verify --against ${gone}`, `The checkpoint ${gone} cannot be read: it does not exist.`],
      [`drill check ${bundle} --key ${gone}`, `The key ${gone} cannot be read: it does not exist.`],
      [`catalog draft box --from ${gone}`, `${gone} cannot be read: it does not exist.`],
    ] as const)
      expect(await ground.run(words)).toMatchObject({ code: 1, stderr: `lanyard: ${sentence}\n` });
    expect(await ground.run('log checkpoint')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^lanyard\/[0-9a-f]+\n\d+\n/),
    });
  });
});

describe('what reads our output', () => {
  it('may go away without an error', async () => {
    const child = spawn(`${ROOT}/lanyard`, ['log', 'show', '--json', '--follow', '-c', ground.config], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stderr = text(child.stderr);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    await ground.token(); // one entry more, which nobody reads
    const [code] = await once(child, 'exit');
    expect({ code, stderr: await stderr }).toEqual({ code: 0, stderr: '' });
  });
});
