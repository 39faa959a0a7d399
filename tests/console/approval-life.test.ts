import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Request } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildConsole } from '../../scripts/console.mjs';
import { ask } from '../../src/cli/instance.ts';
import { OperatorGround, RULES, type Running } from '../journeys/operator-ground.ts';
import { type Body, freePort, PersonAtBrowser } from '../journeys/people-ground.ts';
import { raw } from '../journeys/tasks/ground.ts';
import { ROOT } from '../source-tree.ts';
import { violationsOn } from './axe.ts';
import { inChromium, launch, SIZES } from './browser.ts';
import { Desk } from './desk.ts';

/** What can become of a question between a yes and its use, as people see it on their phones; and who tries it otherwise. */

const CATALOG = `catalog: notes
operations:
  read: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }
  write: { risk: comment, effect: [update], reversibility: externally-reversible, audience: public, worst: Overwrites, targets: [{ type: Note, id: "{id}" }], state: { operation: read, arguments: { id: "{id}" }, version: version } }
  share: { risk: external, effect: [send], reversibility: irreversible, audience: public, worst: Sends it, targets: [{ type: Note, id: "{id}" }] }
  trash: { risk: comment, effect: [delete], reversibility: irreversible, audience: self, worst: Loses it, targets: [{ type: Note, id: "{id}" }] }
`;
const ASKS = `@id("comments") @need("Comments") permit (principal, action in Action::"risk:comment", resource);
@id("sends") @need("Sends") permit (principal, action in Action::"risk:external", resource);
@id("writes") @reason("It changes a note.") @review("owner")
forbid (principal, action == Action::"mcp:notes/write", resource);
@id("shares") @reason("It leaves the house.") @review("2 of role:reviewer")
forbid (principal, action == Action::"mcp:notes/share", resource);
@id("loses") @reason("It is gone then.") @review("owner") @within("15s")
forbid (principal, action == Action::"mcp:notes/trash", resource);
`;
const PEOPLE = `people:
  - { id: ada, name: Ada, roles: [owner, admin, reviewer] }
  - { id: grace, name: Grace, roles: [reviewer] }
  - { id: alan, name: Alan, roles: [reviewer] }`;

inChromium('the life of a question, in Chromium (skipped where there is none)', () => {
  let ground: OperatorGround;
  let running: Running;
  let browser: Browser;
  let context: BrowserContext;
  let token: string;
  let second: PersonAtBrowser;
  /** Of a question that is to run out. */
  let late: string;
  let ada: Desk;
  let grace: Desk;
  let alan: Desk;
  const keys = {} as Record<'ada' | 'grace' | 'alan', PersonAtBrowser>;

  beforeAll(async () => {
    expect(buildConsole()).toBe(true);
    ground = new OperatorGround();
    const port = await freePort();
    mkdirSync(join(ground.directory, 'notes'));
    ground.write('rules.cedar', RULES + ASKS);
    ground.write('catalog.yaml', CATALOG);
    const upstream = {
      command: [join(ROOT, 'node_modules/node/bin/node'), join(ROOT, 'tests/console/notes.mjs')],
      env: { NOTES: join(ground.directory, 'notes'), ARRIVED: join(ground.directory, 'arrived') },
      catalog: 'notes',
    };
    ground.write(
      'lanyard.yaml',
      ground.configuration({
        control: `control: 127.0.0.1:${port}`,
        people: PEOPLE,
        upstreams: `upstreams: { notes: ${JSON.stringify(upstream)} }`,
        approvals: 'approvals: { hold: 0s }',
      }),
    );
    running = await ground.up();
    await running.url();
    token = await ground.token();
    const origin = `http://localhost:${port}`;
    for (const id of ['ada', 'grace', 'alan'] as const) keys[id] = new PersonAtBrowser(origin);
    const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
    await keys.ada.enrol(code);
    await keys.ada.signIn();
    await keys.ada.settle();
    for (const id of ['grace', 'alan'] as const) {
      const { body } = await keys.ada.do(`/v1/people/${id}/invite`);
      await keys[id].enrol(new URL(body.link).hash.slice(1));
    }
    second = await keys.ada.onOtherDevice();
    browser = await launch();
    context = await browser.newContext({ viewport: SIZES.phone });
    [ada, grace, alan] = await Promise.all([
      Desk.open(context, keys.ada),
      Desk.open(browser, keys.grace),
      Desk.open(browser, keys.alan),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await ground?.remove();
  });

  /** What the agent is answered: a code and the question that it waits for, or `ran`. */
  async function call(name: string, id: string, text = 'new'): Promise<{ code: string; approval: string }> {
    const at = { url: await running.url(), token, upstream: 'notes' };
    const { result } = await raw(at, 'tools/call', { name, arguments: { id, text } }, {});
    const told = (result as Body)?._meta?.['dev.lanyard/decision'] ?? {};
    return { code: told.code ?? 'ran', approval: told.approval ?? '' };
  }
  async function asked(name: string, id: string): Promise<string> {
    const { code, approval } = await call(name, id);
    expect(code).toBe('APPROVAL_PENDING');
    return approval;
  }
  const codeOf = async (name: string, id: string) => (await call(name, id)).code;
  const arrived = () =>
    readFileSync(join(ground.directory, 'arrived'), 'utf8')
      .split('\n')
      .filter((line) => !line.startsWith('read '));
  const answersTo = async (approval: string) =>
    (await ground.entries('approval.answered')).filter((one) => one['approval'] === approval);

  it('P5 two of three: one yes is not enough, cannot be said twice, and the second is; then it runs once', async () => {
    const approval = await asked('share', 'two');
    await grace.question(approval);
    await grace.press('Approve');
    await grace.sees('You have said yes. It waits for others as well: ada, alan.');
    await grace.page.getByRole('button', { name: 'Approve' }).first().waitFor({ state: 'detached' });
    expect(await codeOf('share', 'two')).toBe('APPROVAL_PENDING');
    await alan.question(approval);
    await alan.press('Approve');
    await alan.sees('It was approved');
    await grace.sees('It was approved');
    expect(await codeOf('share', 'two')).toBe('ran');
    expect(arrived().filter((line) => line === 'share two')).toHaveLength(1);
  });

  it('P5 what somebody changed while another read it is read anew before it can be approved', async () => {
    const approval = await asked('share', 'changed');
    for (const one of [grace, alan]) await one.question(approval);
    await alan.page.getByRole('button', { name: 'Approve' }).waitFor();
    await grace.page.getByText('Change the arguments').click();
    await grace.page.getByLabel(/Arguments, as JSON/).fill('{ "id": "changed", "text": "by grace" }');
    await grace.press('Use these instead');
    await grace.sees('What grace changed in it');
    await alan.sees('grace changed the arguments while this page was open.');
    expect(await alan.page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    expect(await violationsOn(alan.page)).toEqual([]);
    await alan.press('I have read it');
    await alan.press('Approve');
    await grace.press('Approve');
    await grace.sees('It was approved');
    expect(await codeOf('share', 'changed')).toBe('ran');
  });

  it('keeps what she had typed herself where somebody else changes the arguments first', async () => {
    const approval = await asked('share', 'typed');
    for (const one of [grace, alan]) await one.question(approval);
    const field = alan.page.getByLabel(/Arguments, as JSON/);
    await alan.page.getByText('Change the arguments').click();
    await field.fill('{ "id": "typed", "text": "by alan" }');
    await alan.page.getByLabel(/Why not/).fill('too soon');
    await grace.page.getByText('Change the arguments').click();
    await grace.page.getByLabel(/Arguments, as JSON/).fill('{ "id": "typed", "text": "by grace" }');
    await grace.press('Use these instead');
    await alan.sees('grace changed the arguments while this page was open.');
    await alan.press('I have read it');
    await alan.sees('This is what you had typed before grace changed the arguments.');
    expect(await field.inputValue()).toBe('{ "id": "typed", "text": "by alan" }');
    expect(await alan.page.getByLabel(/Why not/).inputValue()).toBe('too soon');
    expect(await violationsOn(alan.page)).toEqual([]);
    await alan.press('Begin from what stands above');
    expect(await field.inputValue()).toContain('by grace');
    expect(await alan.page.evaluate('document.activeElement.tagName')).toBe('TEXTAREA');
    await field.fill('{ "id": "typed", "text": "by both" }');
    await alan.press('Use these instead');
    await alan.sees('What alan changed in it');
    await alan.press('Deny');
    await alan.sees('It was denied.');
    // What they wrote was decided under an id that nothing ran by.
    await alan.page.getByRole('link', { name: 'The whole story' }).click();
    await alan.sees('What was tried');
    await alan.sees('approval.edited');
  });

  it('says of arguments that they are long, and leads to their end, before anybody approves what stands there', async () => {
    const { approval } = await call('share', 'long', `nothing${'\n'.repeat(500)}the end of it`);
    await grace.question(approval);
    await grace.sees(/This is long: 50\d lines/);
    await grace.press('To its end');
    // Where the letters end that will be sent, as high on the screen as can be seen.
    const end = () =>
      grace.page.evaluate<[string, number]>(
        "(({ previousSibling, top = document.activeElement.getBoundingClientRect().top }) => [previousSibling?.textContent?.slice(-17) ?? '', top])(document.activeElement)",
      );
    await expect.poll(async () => (await end())[1]).toBeLessThan(SIZES.phone.height);
    expect((await end())[0]).toContain('the end of it');
    expect(await violationsOn(grace.page)).toEqual([]);
  });

  it('tells whoever answers second why her answer is none, and where it stands', async () => {
    const approval = await asked('share', 'both');
    for (const one of [grace, alan]) await one.question(approval);
    const signed = Promise.withResolvers<void>();
    await alan.page.route('**/v1/changes/*/sign', async (route) => {
      await signed.promise;
      await route.continue();
    });
    await alan.press('Approve');
    await grace.press('Deny');
    await alan.sees('It was denied.');
    signed.resolve();
    await alan.page.getByRole('alert').getByText(/\w/).first().waitFor();
    await expect
      .poll(() => alan.page.evaluate<string>('document.activeElement.textContent'))
      .toContain('It was denied.');
    await alan.page.unroute('**/v1/changes/*/sign');
    // Nor does the page of the action say that it waits, though the last that was decided about it is that it does.
    await grace.page.getByRole('link', { name: 'The whole story' }).click();
    await grace.sees('What was tried');
    expect(await grace.page.locator('header .badge').allInnerTexts()).toContain('denied');
    expect(await grace.page.getByText('waits', { exact: true }).count()).toBe(0);
    expect(await codeOf('share', 'both')).toBe('APPROVAL_DENIED');
  });

  it('says whose yes does not count beside whose, and, where everybody has answered, that nobody is left to ask', async () => {
    const approval = await asked('share', 'invited');
    await ada.question(approval);
    await ada.press('Approve');
    await ada.sees('It waits for others as well: grace, alan.');
    for (const one of [grace, alan]) {
      await one.question(approval);
      await one.press('Approve');
      await one.sees('not counted beside ada, who invited her lately');
    }
    await alan.sees('it is not enough: see whose yes does not count. Nobody is left to ask; it runs out.');
    expect((await ground.run(`approvals show ${approval}`)).stdout).toContain('nobody is left to ask');
    expect(await codeOf('share', 'invited')).toBe('APPROVAL_PENDING');
  });

  it('P5 a target that changed after the yes is asked about again', async () => {
    const note = join(ground.directory, 'notes', 'moving');
    writeFileSync(note, 'as it was asked about');
    await ada.question(await asked('write', 'moving'));
    await ada.press('Approve');
    await ada.sees('It was approved');
    writeFileSync(note, 'what somebody else wrote meanwhile');
    const again = await asked('write', 'moving');
    expect(readFileSync(note, 'utf8')).toBe('what somebody else wrote meanwhile');
    expect(await ground.entries('approval.cancelled')).toMatchObject([{ reason: 'target-changed' }]);
    await ada.question(again);
    await ada.press('Approve');
    await ada.sees('It was approved');
    expect(await codeOf('write', 'moving')).toBe('ran');
    expect(readFileSync(note, 'utf8')).toBe('new');
  });

  it('P5 a yes said under other rules is none: it is asked again under those of now', async () => {
    const before = await asked('write', 'ruled');
    await ada.question(before);
    await ada.press('Approve');
    await ada.sees('It was approved');
    ground.write(
      'rules.cedar',
      `${RULES + ASKS}@id("more") @need("A widening") permit (principal == Agent::"other", action == Action::"mcp:notes/share", resource);\n`,
    );
    const change = (await keys.ada.post('/v1/apply', { dryRun: false })).body.id;
    await ada.go(`/confirm/${change}`);
    await ada.press('Confirm');
    await ada.sees('It is done.');
    const again = await asked('write', 'ruled');
    expect(again).not.toBe(before);
    await ada.go(`/approvals/${before}`);
    await ada.sees('This question is over.');
    await ada.sees('The rules have changed since it was asked.');
    await ada.question(again);
    await ada.press('Deny');
    await ada.sees('It was denied.');
  });

  it('P5 what one tab signed counts once: sent again, it is refused, and for another question too', async () => {
    const [one, two] = [await asked('write', 'replayed'), await asked('write', 'other')];
    const signing = ada.page.waitForRequest((request) => request.url().endsWith('/sign'));
    await ada.question(one);
    await ada.press('Approve');
    await ada.sees('It was approved');
    const sent = await signing;
    expect(await again(sent, sent.url())).toBe(409);
    const { digest } = (await keys.ada.get(`/v1/approvals/${two}`)).body;
    const begun = await keys.ada.post(`/v1/approvals/${two}/approve`, { digest });
    expect(begun.status).toBe(202);
    expect(await again(sent, `${keys.ada.origin}/v1/changes/${begun.body.id}/sign`)).toBe(409);
    expect(await answersTo(one)).toHaveLength(1);
    expect(await answersTo(two)).toHaveLength(0);
    expect(await codeOf('write', 'other')).toBe('APPROVAL_PENDING');
    expect(await codeOf('write', 'replayed')).toBe('ran');
  });

  it('P5 two tabs that answer at once, each with a passkey of hers: one answer counts', async () => {
    const tab = await Desk.open(context, second);
    const approval = await asked('write', 'tabs');
    await Promise.all([ada.question(approval), tab.question(approval)]);
    // Both have signed before either answer is on its way: else the slower tab would see that there is nothing left to press.
    const both = Promise.withResolvers<void>();
    let ready = 0;
    for (const { page } of [ada, tab])
      await page.route('**/sign', async (route) => {
        if (++ready === 2) both.resolve();
        await both.promise;
        await route.continue();
      });
    const signed = [ada, tab].map(async ({ page }) => {
      const done = await page.waitForResponse((response) => response.url().endsWith('/sign'));
      return done.status();
    });
    await Promise.all([ada.press('Approve'), tab.press('Approve')]);
    expect((await Promise.all(signed)).sort()).toEqual([200, 409]);
    await Promise.all([ada.sees('It was approved'), tab.sees('It was approved')]);
    expect(await answersTo(approval)).toHaveLength(1);
    expect(await codeOf('write', 'tabs')).toBe('ran');
    expect(await codeOf('write', 'tabs')).toBe('APPROVAL_PENDING');
    await tab.page.close();
    await ada.page.unroute('**/sign');
  });

  it('P5 a GET of every link, in the tab and beside it, changes nothing', async () => {
    const approval = await asked('share', 'looked-at');
    await ada.go('/');
    const posts: string[] = [];
    const note = (request: Request) => request.method() !== 'GET' && posts.push(request.url());
    ada.page.on('request', note);
    const headers = { authorization: `Bearer ${keys.ada.token}` };
    // What is told of the pages themselves, and what the clock alone brings about.
    const aside = ['approval.shown', 'approval.expired', 'instance.refused', 'instance.coverage'];
    const before = (await ground.entries()).length;
    const seen = new Set<string>();
    const ahead = ['/', '/inbox', `/approvals/${approval}`, '/duties', '/agents/writer', '/people', '/phone'];
    for (let path = ahead.shift(); path !== undefined; path = ahead.shift()) {
      if (seen.has(path)) continue;
      seen.add(path);
      await ada.go(path);
      await ada.page.getByRole('heading', { level: 1 }).first().waitFor();
      const links = await ada.page.evaluate<string[]>(
        '[...document.querySelectorAll("a[href]")].map((link) => new URL(link.href)).filter(({ origin }) => origin === location.origin).map(({ pathname, search }) => pathname + search)',
      );
      // Of the many actions a few are enough.
      const actions = [...seen].filter((one) => one.startsWith('/actions/')).length;
      ahead.push(...links.filter((link) => !link.startsWith('/actions/') || actions < 3));
    }
    for (const path of seen) await fetch(keys.ada.origin + path, { headers });
    for (const path of ['approve', 'deny', 'edit', 'grant'])
      await fetch(`${keys.ada.origin}/v1/approvals/${approval}/${path}`, { headers });
    ada.page.off('request', note);
    expect(seen.size).toBeGreaterThan(12);
    expect(posts).toEqual([]);
    const since = (await ground.entries()).slice(before);
    expect(since.filter(({ kind }) => !aside.includes(kind))).toEqual([]);
    expect(await codeOf('share', 'looked-at')).toBe('APPROVAL_PENDING');
  });

  it('restarted in the middle: the tab says so, and the question stands with the yes that it had', async () => {
    late = await asked('trash', 'late');
    const approval = await asked('share', 'half');
    await grace.question(approval);
    await grace.press('Approve');
    await grace.sees('You have said yes.');
    await running.end('SIGKILL');
    await alan.sees('connection lost');
    running = await ground.up();
    await running.url();
    await alan.signIn();
    await alan.question(approval);
    await alan.press('Approve');
    await alan.sees('It was approved');
    expect(await codeOf('share', 'half')).toBe('ran');
  });

  it('P5 nobody answers in time, which is a no; a late yes is good for the next identical attempt, once', async () => {
    await ada.signIn();
    await ada.question(late);
    await ada.sees('Nobody answered in time, which was a no.');
    await ada.go('/inbox');
    const over = ada.page.getByRole('region', { name: 'Answered or over' });
    await over.getByRole('link', { name: /trash.*late/ }).click();
    await ada.press('Approve late');
    await ada.sees('It was approved');
    expect(await codeOf('trash', 'late')).toBe('ran');
    expect(await codeOf('trash', 'late')).toBe('APPROVAL_PENDING');
    expect(arrived().filter((line) => line === 'trash late')).toHaveLength(1);
    expect((await ground.run('log verify --deep')).code).toBe(0);
  });
});

/** What a page sent, sent once more by somebody who overheard it. */
async function again(sent: Request, url: string): Promise<number> {
  const { authorization = '', origin = '' } = await sent.allHeaders();
  const headers = { authorization, origin, 'content-type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers, body: sent.postData() ?? '' })).status;
}
