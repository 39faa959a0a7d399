import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OperatorGround } from '../operator-ground.ts';

/** `./lanyard mcp`: what an agent program starts as its server. */

let ground: OperatorGround;
beforeAll(async () => {
  ground = new OperatorGround();
  await (await ground.up()).url();
});
afterAll(() => ground.remove());

describe('mcp over stdio', () => {
  const initialize = `${JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  })}\n`;

  it('is the same door, for the agent whose token it is', async () => {
    const env = { LANYARD_TOKEN: await ground.token() };
    const met = await ground.run('mcp box --agent writer', { env, stdin: initialize });
    expect(met.code).toBe(0);
    expect(JSON.parse(met.stdout)).toMatchObject({ id: 1, result: { protocolVersion: '2025-06-18' } });
  });

  it.each([
    ['mcp box --agent other', 3, 'This token is of the agent "writer", and it was to be of "other"; name'],
    ['mcp box --agent Wr\u00efter', 2, '"Wr\u00efter" is the id of no agent; say --agent ID.'],
    ['mcp box --agent ', 2, '"" is the id of no agent'],
    ['mcp box --agent nobody', 3, 'This token is of the agent "writer", and it was to be of "nobody"; name'],
    ['mcp bax --agent writer', 1, 'There is no upstream "bax"; did you mean "box"?'],
    ['mcp  --agent writer', 2, 'Say which upstream'],
  ])('refuses %s', async (words, code, sentence) => {
    const env = { LANYARD_TOKEN: await ground.token() };
    const refused = await ground.run(words, { env, stdin: initialize });
    expect(refused).toMatchObject({ code, stdout: '' });
    expect(refused.stderr).toContain(sentence);
  });

  it('tells nobody without a token whose it could be, and says what would help', async () => {
    for (const agent of ['writer', 'nobody'])
      expect(
        await ground.run(`mcp box --agent ${agent}`, { env: { LANYARD_TOKEN: 'lyd_none' } }),
      ).toMatchObject({
        code: 3,
        stderr: expect.stringMatching(
          /^lanyard: This token is not valid \(any more\)\.\nMake one with \.\/lanyard agent token ID[^\n]*\n$/,
        ),
      });
  });

  it('tells an agent that may not ask the operator socket no names of upstreams', async () => {
    const [url, token] = [await ground.last.url(), await ground.token()];
    const elsewhere = new OperatorGround();
    const closed = createServer((_request, response) => void response.end('not for you'));
    try {
      elsewhere.write('lanyard.yaml', elsewhere.configuration({ listen: `listen: ${new URL(url).host}` }));
      mkdirSync(elsewhere.state);
      await new Promise<void>((listens) => closed.listen(`${elsewhere.state}/operator.sock`, listens));
      const refused = await elsewhere.run('mcp bax', { env: { LANYARD_TOKEN: token } });
      expect(refused).toMatchObject({ code: 1, stderr: 'lanyard: There is no upstream "bax" here.\n' });
    } finally {
      closed.close();
      await elsewhere.remove();
    }
  });

  it('says that the instance has ended, where nobody killed it', async () => {
    const mine = new OperatorGround();
    try {
      const instance = await mine.up();
      const client = mine.open('mcp box', { LANYARD_TOKEN: await mine.token() });
      const said = Promise.all([text(client.stdout), text(client.stderr), once(client, 'close')]);
      client.stdin.write(initialize);
      await once(client.stdout, 'data');
      expect(await instance.end()).toBe('0');
      const [stdout, stderr, [code]] = await said;
      expect(JSON.parse(stdout)).toMatchObject({ id: 1, result: {} });
      expect(stderr).toMatch(/^lanyard: The instance has ended\. What ran was answered first;[^\n]*\n$/);
      expect(code).toBe(4);
    } finally {
      await mine.remove();
    }
  });

  // What lies unread at the killed instance makes the system reset the connection instead of ending it.
  it.each([
    ['ended', ''],
    ['reset', ' '.repeat(300_000)],
  ])('says in a sentence that the instance is gone, where the connection is %s', async (_, unread) => {
    const mine = new OperatorGround();
    try {
      const instance = await mine.up();
      const client = mine.open('mcp box', { LANYARD_TOKEN: await mine.token() });
      const said = Promise.all([text(client.stderr), once(client, 'close')]);
      client.stdin.write(initialize);
      await once(client.stdout, 'data');
      client.stdout.resume();
      instance.child.kill('SIGSTOP');
      await new Promise((written) => client.stdin.write(unread, written));
      await instance.end('SIGKILL');
      const [stderr, [code]] = await said;
      expect(stderr).toMatch(/^lanyard: The connection to the instance was lost\.[^\n]*\n$/);
      expect(code).toBe(4);
    } finally {
      await mine.remove();
    }
  });

  it.each(['lyd_a\nb', 'lyd_a b', 'tok\u00e9n'])(
    'says that %j is no token, and nothing of headers',
    async (token) => {
      expect(await ground.run('mcp box', { env: { LANYARD_TOKEN: token } })).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^lanyard: LANYARD_TOKEN holds a space, a line break or a sign that/),
      });
    },
  );

  it('needs a token', async () => {
    expect(await ground.run('mcp box')).toMatchObject({ code: 2, stdout: '' });
  });
});
