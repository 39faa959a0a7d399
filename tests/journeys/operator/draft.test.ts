import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OperatorGround, type Running } from '../operator-ground.ts';

let ground: OperatorGround;
let running: Running;
beforeAll(() => {
  ground = new OperatorGround();
});
afterAll(() => ground.remove());

describe('catalog draft', () => {
  it('says that nothing is pinned yet, and of an upstream that is none which is meant', async () => {
    const early = await ground.run('catalog draft box');
    expect(early).toMatchObject({ code: 1, stdout: '' });
    expect(early.stderr).toContain('Nothing is pinned of box yet');
    const other = await ground.run('catalog draft bax');
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toContain('did you mean "box"');
  });

  it('prints a catalog for what is pinned, and changes nothing', async () => {
    running = await ground.up();
    await running.url();
    const before = await ground.run('catalog list --json');
    const made = await ground.run('catalog draft box');
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(/^# A draft, made from/);
    expect(made.stdout).toContain('catalog: box\n');
    // `wait` is a word that looks; what the others do, no name says.
    expect(made.stdout).toMatch(/ {2}wait:\n {4}risk: read #/);
    expect(made.stdout).toMatch(/ {2}tell:\n {4}risk: external #/);
    expect(made.stderr).toContain('in use nowhere');
    expect((await ground.run('catalog list --json')).stdout).toBe(before.stdout);
    ground.write('drafted.yaml', made.stdout);
  });

  it('is in use once a person has named it and applied it', async () => {
    const upstream = { ...ground.upstream(), catalog: 'box' };
    ground.write(
      'lanyard.yaml',
      ground.configuration({
        upstreams: `upstreams: { box: ${JSON.stringify(upstream)} }`,
        catalog: 'catalog: [catalog.yaml, drafted.yaml]',
      }),
    );
    expect(await ground.run('apply')).toMatchObject({ code: 0 });
    const rows: { name: string; risk: string }[] = JSON.parse(
      (await ground.run('catalog list --json')).stdout,
    );
    expect(rows.find(({ name }) => name === 'tell')?.risk).toBe('external');
    expect(rows.find(({ name }) => name === 'wait')?.risk).toBe('read');
    await running.end();
  });

  it('reads a list from a file without any configuration, and says what got no entry', async () => {
    const inputSchema = { type: 'object', properties: { url: { type: 'string' } }, required: ['url'] };
    const tools = [
      { name: 'fetch_page', inputSchema },
      { name: 'twice', inputSchema },
      { name: 'twice', inputSchema },
      { name: 'bad\u001b[2J', inputSchema },
    ];
    ground.write('list.json', JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools } }));
    const made = await ground.run('catalog draft web --from list.json', {
      cwd: ground.directory,
      config: false,
    });
    expect(made.code).toBe(0);
    expect(made.stdout).toContain('type: Url, id: "{url}"');
    expect(made.stdout).not.toContain('twice');
    expect(made.stderr).toContain('twice: its name is listed more than once');
    expect(made.stderr).not.toContain('\u001b');
  });

  it.each(['', '{', '{"tools":7}'])('refuses a file that is no list of tools: %j', async (content) => {
    ground.write('list.json', content);
    const refused = await ground.run('catalog draft web --from list.json', { cwd: ground.directory });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('no list of tools');
  });
});
