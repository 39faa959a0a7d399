import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildConsole } from '../../scripts/console.mjs';
import { ask } from '../../src/cli/instance.ts';
import type { ActionPage, ActionRow, Duty, Overview } from '../../src/contract/control-reads.ts';
import { verifyBundle } from '../../src/ledger/verify/index.ts';
import { OperatorGround, RULES, type Running } from '../journeys/operator-ground.ts';
import { freePort, PersonAtBrowser } from '../journeys/people-ground.ts';
import { type Authenticator, authenticatorOf, goTo, inChromium, launch, SIZES } from './browser.ts';
import { Desk } from './desk.ts';

/** The console's side of a real instance: what it may read over HTTP, and then the pages themselves in Chromium. */

const PEOPLE =
  'people: [{ id: ada, name: Ada, roles: [owner, admin] }, { id: grace, name: Grace, roles: [owner, admin] }, { id: audra, name: Audra, roles: [auditor] }]';

let ground: OperatorGround;
let running: Running;
let origin: string;
let ada: PersonAtBrowser;
let token: string;

beforeAll(async () => {
  expect(buildConsole()).toBe(true);
  ground = new OperatorGround();
  const port = await freePort();
  origin = `http://localhost:${port}`;
  ground.write(
    'lanyard.yaml',
    ground.configuration({ control: `control: 127.0.0.1:${port}`, people: PEOPLE }),
  );
  ground.write(
    'rules.cedar',
    `${RULES}@id("no-telling") @reason("Nobody is told.")\nforbid (principal, action == Action::"mcp:box/tell", resource);\n`,
  );
  running = await ground.up();
  await running.url();
  token = await ground.token();
  ada = new PersonAtBrowser(origin);
  const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
  expect((await ada.enrol(code)).status).toBe(200);
  expect((await ada.signIn()).status).toBe(200);
  await ada.settle();
  for (const tool of ['look', 'tell', 'look', 'tell', 'look']) await running.call(token, tool);
});
afterAll(() => ground.remove());

const READS = [
  '/v1/overview',
  '/v1/duties',
  '/v1/drills',
  '/v1/questions?of=mine',
  '/v1/alerts',
  '/v1/agents',
  '/v1/agents/writer',
  '/v1/actions',
  '/v1/rules',
  '/v1/inventory',
  '/v1/log',
  '/v1/log/entries',
  '/v1/log/export',
  '/v1/events',
];

describe('what the console reads', () => {
  it.each(READS)('%s is for nobody who is not signed in, and for no agent', async (path) => {
    expect((await ada.send('GET', path, undefined, null)).status).toBe(401);
    const tried = await ada.send('GET', path, undefined, token);
    expect(tried).toMatchObject({ status: 403, body: { error: { code: 'AGENT_TOKEN' } } });
  });

  it('shows at a glance what every agent did', async () => {
    const { body } = await ada.get('/v1/overview');
    const seen = body as Overview;
    expect(seen).toMatchObject({ claimed: true, halted: [], waiting: { all: 0, mine: 0 } });
    const writer = seen.agents.find(({ id }) => id === 'writer');
    const sums = [0, 1, 2].map((at) => writer?.minutes.reduce((sum, minute) => sum + (minute[at] ?? 0), 0));
    expect(sums).toEqual([3, 0, 2]);
    expect(seen.recent.map(({ operation, decision, outcome }) => [operation, decision, outcome])).toEqual([
      ['mcp:box/look', 'allow', 'ok'],
      ['mcp:box/tell', 'deny', null],
      ['mcp:box/look', 'allow', 'ok'],
      ['mcp:box/tell', 'deny', null],
      ['mcp:box/look', 'allow', 'ok'],
    ]);
  });

  const search = async (words: string): Promise<ActionPage> =>
    (await ada.get(`/v1/actions?${words}`)).body as ActionPage;
  const found = async (words: string) => (await search(words)).rows.map(({ operation }) => operation);

  it('searches actions, the newest first, by agent, end and letters', async () => {
    expect(await found('')).toHaveLength(5);
    expect(await found('fate=deny')).toEqual(['mcp:box/tell', 'mcp:box/tell']);
    expect(await found('fate=allow&agent=writer')).toHaveLength(3);
    expect(await found('agent=other')).toEqual([]);
    expect(await found('text=no-telling')).toHaveLength(2);
    expect(await found('text=%25')).toEqual([]);
    expect(await found('fate=failed')).toEqual([]);
    const { rows } = await search('');
    const last = rows.at(-2) as ActionRow;
    expect((await search(`before=${last.seq}`)).rows.map(({ action }) => action)).toEqual([
      rows.at(-1)?.action,
    ]);
    expect((await ada.get('/v1/actions?fate=nothing')).status).toBe(400);
    expect((await ada.get('/v1/actions?unheard=of')).status).toBe(400);
  });

  it('tells the whole story of one action, and says where there is none', async () => {
    const [row] = (await search('fate=deny')).rows;
    const { body } = await ada.get(`/v1/actions/${row?.action}`);
    expect(body).toMatchObject({
      action: row?.action,
      decided: { decision: 'deny', rules: ['no-telling'] },
      arguments: { kept: true, holds: true, text: '{"id":"a"}' },
      rules: [{ id: 'no-telling', reason: 'Nobody is told.' }],
      digest: { holds: true },
    });
    expect((await ada.get('/v1/actions/01JDWX7Q4MZ8VN3K5T00000000')).status).toBe(404);
    expect((await ada.get('/v1/agents/nobody')).status).toBe(404);
  });

  it('decides by the rules in force what nobody tries, and records nothing', async () => {
    const before = ((await ada.get('/v1/log')).body as { entries: number }).entries;
    const trial = (operation: string) => ({ agent: 'writer', operation, input: { id: 'a' } });
    expect((await ada.post('/v1/rules/try', trial('mcp:box/look'))).body.decision).toBe(true);
    expect((await ada.post('/v1/rules/try', trial('mcp:box/tell'))).body).toMatchObject({
      decision: false,
      context: { rules: ['no-telling'] },
    });
    expect(((await ada.get('/v1/log')).body as { entries: number }).entries).toBe(before);
  });

  it('a definition that differs from its pin is a duty of whoever owns an agent', async () => {
    const pins = async () =>
      ((await ada.get('/v1/duties')).body.duties as Duty[]).filter(({ kind }) => kind === 'pin');
    expect(await pins()).toEqual([]);
    ground.tools('look', 'wait', 'tell', 'late');
    // The server is asked again for what it lists when it is begun again.
    await running.end();
    running = await ground.up();
    await ada.signIn();
    expect(await pins()).toMatchObject([
      { person: 'ada', sentence: expect.stringContaining('box lists a definition otherwise than pinned') },
    ]);
  });

  it('shows what apply would change, and changes nothing by it', async () => {
    expect((await ada.get('/v1/rules')).body).toMatchObject({ pending: null });
    ground.write(
      'more.cedar',
      '@id("more") forbid (principal, action == Action::"mcp:box/wait", resource);\n',
    );
    const before = ground.read('lanyard.yaml');
    ground.write('lanyard.yaml', before.replace('[rules.cedar]', '[rules.cedar, more.cedar]'));
    const { body } = await ada.get('/v1/rules');
    expect(body.pending.changes.join()).toContain('more');
    expect(body.rules.map(({ id }: { id: string }) => id)).not.toContain('more');
    ground.write('lanyard.yaml', before);
  });

  it('P6 hands out a log that verifies, signatures of people included', async () => {
    const response = await fetch(`${origin}/v1/log/export`, {
      headers: { authorization: `Bearer ${ada.token}` },
    });
    const report = await verifyBundle(
      (async function* () {
        yield await response.text();
      })(),
      { deep: true },
    );
    expect(report).toMatchObject({ holds: true });
    expect(report.entries).toBeGreaterThan(10);
  });

  it('tells an open page of what happens as it happens', async () => {
    const ended = new AbortController();
    const response = await fetch(`${origin}/v1/events`, {
      headers: { authorization: `Bearer ${ada.token}` },
      signal: ended.signal,
    });
    let text = '';
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk as Uint8Array);
        if (text.includes('"code":"FORBIDDEN"')) return;
      }
    })();
    await running.call(token, 'tell');
    await reading;
    ended.abort();
    expect(text).toContain('event: action');
  });
});

inChromium('in Chromium (skipped where there is none)', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let key: Authenticator;
  /** The second passkey of hers, on another authenticator. */
  let second: object | undefined;
  const troubles: string[] = [];

  beforeAll(async () => {
    browser = await launch();
    context = await browser.newContext({ viewport: SIZES.phone });
    page = await context.newPage();
    key = await authenticatorOf(context, page);
    page.on('console', (message) => {
      if (message.type() === 'error') troubles.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(origin)) troubles.push(`asks ${request.url()}`);
    });
  });
  afterAll(() => browser?.close());

  it('a person makes a passkey by the link of an invitation, and signs in with it', async () => {
    const invited = await ada.do('/v1/people/grace/invite');
    expect(invited.status).toBe(200);
    await page.goto((invited.body as { link: string }).link);
    await page.getByRole('button', { name: 'Make a passkey' }).click();
    await page.getByRole('heading', { name: 'You are enrolled, grace' }).first().waitFor();
    expect(
      await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').count(),
    ).toBeGreaterThan(0);
    expect(page.url()).toBe(`${origin}/enrol`);
    expect(await key.credentials()).toHaveLength(1);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('heading', { name: 'Now' }).first().waitFor();
    await page.locator('.strip .live.fine').waitFor({ state: 'attached' });
    await goTo(page, '/duties');
    await page.getByText('You have one passkey. Make a second one').first().waitFor();
    await page.getByRole('button', { name: 'Make a second passkey' }).waitFor();
    await goTo(page, '/');
  });

  it('makes a second passkey on another authenticator, and the first one signs it', async () => {
    await go('/duties');
    const make = page.getByRole('button', { name: 'Make a second passkey' });
    // Its own authenticator does not take another one of hers.
    await make.click();
    await page.getByText('This authenticator has a passkey of yours here already').first().waitFor();
    const enrolled = async () =>
      (await ground.entries('person.enrolled')).filter(
        ({ subject, person }) => (subject ?? person) === 'grace',
      );
    expect(await enrolled()).toHaveLength(1);

    // She plugs in another key, and takes her first one again where it is asked for.
    const [first] = await key.credentials();
    if (first === undefined) throw new Error('her passkey is gone');
    await key.unplug();
    const other = await authenticatorOf(context, page);
    await page.route('**/v1/passkeys', async (route) => {
      [second] = await other.credentials();
      await other.unplug();
      key = await authenticatorOf(context, page);
      await key.hold(first);
      await route.continue();
    });
    await make.click();
    await make.waitFor({ state: 'detached' });
    await page.unroute('**/v1/passkeys');
    expect(await enrolled()).toHaveLength(2);
    await goTo(page, '/');
  });

  it('what an agent tries stands on the open page without anybody asking', async () => {
    const newest = page.locator('.feed li').first();
    await newest.filter({ hasText: 'box/tell' }).waitFor();
    await running.call(token, 'look');
    await newest.filter({ hasText: 'box/look' }).waitFor();
  });

  it('a change that a program asked for is shown whole and signed there, and nowhere else', async () => {
    const asked = ground.run('agent token other');
    let waiting: { id: string }[] = [];
    while (waiting.length === 0) {
      await page.waitForTimeout(20);
      waiting = (await ada.get('/v1/changes')).body as { id: string }[];
    }
    await go(`/confirm/${waiting[0]?.id}`);
    await page.getByRole('heading', { name: 'Confirm: token' }).first().waitFor();
    expect(await page.locator('main').innerText()).toMatch(/Agent other gets a new token, good until \d{4}-/);
    expect((await ada.get(`/v1/changes/${waiting[0]?.id}`)).body).toMatchObject({ state: 'waiting' });
    await key.verified(false);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('alert').first().waitFor();
    expect((await ada.get(`/v1/changes/${waiting[0]?.id}`)).body).toMatchObject({ state: 'waiting' });
    await key.verified(true);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('It is done.').first().waitFor();
    expect(await asked).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(
        /^Agent other gets a new token, [^\n]*\nA person signs that with a passkey/,
      ),
    });
  });

  it('rehearses a stop at one press, and shows how long it took beside those before', async () => {
    await go('/drills');
    const writer = page.getByRole('region', { name: 'writer' });
    await writer.getByText('It was never drilled').first().waitFor();
    await writer.getByRole('button', { name: 'Drill now' }).click();
    await writer
      .getByRole('img', { name: /Time to stop in the last 1 drills: .* all held/ })
      .first()
      .waitFor();
    await writer.getByText('held', { exact: true }).first().waitFor();
    expect((await ada.get('/v1/drills')).body.agents[0]).toMatchObject({
      agent: 'writer',
      overdue: false,
      runs: [{ held: true, level: 'frozen', broken: [] }],
    });
  });

  it('verifies the whole log in the browser, by the verifier of the command line', async () => {
    await go('/log');
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await page.getByText('It holds').first().waitFor();
    expect(await page.getByText('It does not hold').count()).toBe(0);
    await page.getByLabel('Key you wrote down elsewhere').fill('somebody+00000000+AAAA');
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await page.getByText('That is no verifier key').first().waitFor();
  });

  it('shows an auditor everything, and nothing to press that would be refused', async () => {
    const audra = new PersonAtBrowser(origin);
    const invited = await ada.do('/v1/people/audra/invite');
    await audra.enrol(new URL(invited.body.link).hash.slice(1));
    const desk = await Desk.open(browser, audra);
    await desk.go('/agents/writer');
    await desk.sees('An auditor reads this');
    await desk.sees('May do');
    expect(await desk.page.getByRole('button', { name: /Freeze|Release|Look at/ }).count()).toBe(0);
    const waiting = await ada.post('/v1/recovery-codes');
    await desk.go(`/confirm/${waiting.body.id}`);
    await desk.sees('An auditor reads this.');
    expect(await desk.page.locator('main').getByRole('button').count()).toBe(0);
    await ada.post(`/v1/changes/${waiting.body.id}/drop`);
    await desk.go('/people');
    await desk.sees('People in force');
    expect(await desk.page.getByRole('link', { name: 'Be told on this device' }).count()).toBe(0);
    await desk.go('/phone');
    await desk.sees('no message would come here');
    expect(await desk.page.locator('main').getByRole('button').count()).toBe(0);
    await desk.page.context().close();
  });

  it('ends all her other sessions at one press, whichever passkey began them: not this one, and nobody else’s', async () => {
    const [first] = await key.credentials();
    const others: Page[] = [];
    for (const passkey of [{ ...first, signCount: 1000 }, { ...second }]) {
      const elsewhere = await browser.newContext({ viewport: SIZES.phone });
      const tab = await elsewhere.newPage();
      // The same passkey at another device, whose counter is its own.
      await (await authenticatorOf(elsewhere, tab)).hold(passkey);
      await tab.goto(origin);
      await tab.getByRole('button', { name: 'Sign in with a passkey' }).click();
      await tab.locator('.strip .live.fine').waitFor({ state: 'attached' });
      others.push(tab);
    }
    await go('/people');
    await page.getByRole('button', { name: 'End all my others (2)' }).click();
    await page.getByRole('button', { name: /End all my others/ }).waitFor({ state: 'detached' });
    for (const tab of others) await tab.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    expect(await ground.entries('person.signed-out')).toMatchObject([
      { person: 'grace', subject: 'grace' },
      { person: 'grace', subject: 'grace' },
    ]);
    expect((await ada.get('/v1/duties')).status).toBe(200);
    await go('/duties');
    await page.getByRole('heading', { name: 'Duties' }).first().waitFor();
    for (const tab of others) await tab.context().close();
  });

  it('holds no session in a cookie or in storage, and asks nobody else for anything', async () => {
    expect(await context.cookies()).toEqual([]);
    expect(
      await page.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])'),
    ).not.toContain('lys_');
    await page.reload();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    expect(troubles).toEqual([]);
  });

  const go = (path: string) => goTo(page, path);
});
