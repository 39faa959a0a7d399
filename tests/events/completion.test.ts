import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpFixture, startHttpFixture } from '../fixtures/upstreams/start.ts';
import { CLIENTS, connectClient } from './connect.ts';
import { EventGround, stdioFixture } from './ground.ts';

/** Completion through a real ground: each generation of client over each generation of upstream, over both transports. */

const RULES = `
@id("not-the-vault") @reason("The vault is nobody's.")
forbid (principal, action, resource)
when { context.input has arguments && context.input.arguments like "*zed*" };

@id("locked") @reason("It is locked.")
forbid (principal, action, resource)
when { context.input has uri && context.input.uri like "note://locked/*" };
`;

let ground: EventGround;
let older: HttpFixture;
let modern: HttpFixture;
beforeAll(async () => {
  older = await startHttpFixture('eventful-http.mjs');
  modern = await startHttpFixture('eventful-http.mjs', '--modern');
  ground = await EventGround.start({
    upstreams: {
      older: { url: older.url, catalog: 'plain' },
      modern: { url: modern.url, catalog: 'plain' },
      'older-stdio': stdioFixture('eventful-stdio.mjs'),
      'modern-stdio': stdioFixture('eventful-stdio.mjs', ['--modern']),
    },
    rules: RULES,
  });
});
afterAll(async () => {
  await ground.stop();
  await older.stop();
  await modern.stop();
});

const UPSTREAMS = ['older', 'modern', 'older-stdio', 'modern-stdio'];
const cases = CLIENTS.flatMap((kind) => UPSTREAMS.map((upstream) => ({ kind, upstream })));

describe.each(cases)('$kind over $upstream', ({ kind, upstream }) => {
  it('completes what it may have, and nothing else', async () => {
    const client = await connectClient(ground, kind, upstream);
    await ground.newActions();
    expect(await client.completePrompt('greet', 'who', 'a')).toEqual(['ada', 'alan']);
    expect(await client.completeTemplate('note://{box}/{id}', 'box', 'o')).toEqual(['open']);
    expect(await client.completeTemplate('note://{box}/{id}', 'id', 'x', { box: 'open' })).toEqual([
      'open-x1',
    ]);
    expect(await ground.newActions()).toMatchObject([
      {
        operation: `mcp:${upstream}/prompts/get`,
        name: 'greet',
        sentAs: 'completion/complete',
        decision: 'allow',
      },
      { kind: 'action.outcome', outcome: 'ok' },
      { operation: `mcp:${upstream}/resources/read`, sentAs: 'completion/complete', pin: expect.any(String) },
      { kind: 'action.outcome', outcome: 'ok' },
      { operation: `mcp:${upstream}/resources/read`, sentAs: 'completion/complete' },
      { kind: 'action.outcome', outcome: 'ok' },
    ]);
    await expect(client.completePrompt('greet', 'who', 'zed')).rejects.toThrow(/not-the-vault/);
    await expect(client.completeTemplate('note://{box}/{id}', 'id', '', { box: 'locked' })).rejects.toThrow(
      /locked/,
    );
    await expect(client.completePrompt('nothing', 'who', 'a')).rejects.toThrow(/no prompt "nothing"/);
    expect(await ground.newActions()).toMatchObject([
      { decision: 'deny', rules: ['not-the-vault'] },
      { decision: 'deny', rules: ['locked'] },
    ]);
    await client.close();
  });
});

it.each(CLIENTS.filter((kind) => kind.endsWith('HTTP')))(
  '%s completes on the common path, under the names it has there',
  async (kind) => {
    const client = await connectClient(ground, kind, null);
    expect(await client.completePrompt('older__greet', 'who', 'b')).toEqual(['barbara']);
    expect(await client.completePrompt('modern-stdio__greet', 'who', 'b')).toEqual(['barbara']);
    // Four upstreams offer this template, so it is nobody's here.
    await expect(client.completeTemplate('note://{box}/{id}', 'box', 'o')).rejects.toThrow(/no resource/);
    await client.close();
  },
);

it('explains a completion by what it was decided on', async () => {
  const client = await connectClient(ground, 'SDK 1.x, HTTP', 'older');
  await ground.newActions();
  await expect(client.completeTemplate('note://{box}/{id}', 'id', '', { box: 'locked' })).rejects.toThrow(
    /locked/,
  );
  const [denied] = await ground.newActions();
  const explained = await ground.operator.explain(String(denied?.action));
  expect(explained).toMatchObject({ ok: true, value: { text: expect.stringContaining('locked') } });
  await client.close();
});
