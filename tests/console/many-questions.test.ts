import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildConsole } from '../../scripts/console.mjs';
import { ask } from '../../src/cli/instance.ts';
import { OperatorGround, RULES, type Running } from '../journeys/operator-ground.ts';
import { freePort } from '../journeys/people-ground.ts';
import { raw } from '../journeys/tasks/ground.ts';
import { violationsOn } from './axe.ts';
import { type Authenticator, authenticatorOf, goTo, inChromium, launch, SIZES } from './browser.ts';

/** One person, one phone, and more questions than she wants to answer one by one. */

const CATALOG = `catalog: plain
operations:
  look: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }
  tell: { risk: draft, effect: [update], reversibility: reversible, audience: self, worst: Overwrites, targets: [{ type: Note, id: "{id}" }] }
`;
const ASKS = `@id("drafts") @need("Drafts") permit (principal, action in Action::"risk:draft", resource);
@id("tells") @reason("It changes a note.") @review("owner")
forbid (principal, action == Action::"mcp:box/tell", resource);
`;

inChromium('many questions on a phone, in Chromium (skipped where there is none)', () => {
  let ground: OperatorGround;
  let running: Running;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let authenticator: Authenticator;
  let token: string;

  beforeAll(async () => {
    expect(buildConsole()).toBe(true);
    ground = new OperatorGround();
    const port = await freePort();
    ground.write('rules.cedar', RULES + ASKS);
    ground.write('catalog.yaml', CATALOG);
    ground.tools('look', 'tell');
    ground.write(
      'lanyard.yaml',
      ground.configuration({
        control: `control: 127.0.0.1:${port}`,
        people: 'people: [{ id: ada, name: Ada, roles: [owner, admin] }]',
        approvals: 'approvals: { hold: 0s }',
      }),
    );
    running = await ground.up();
    token = await ground.token();
    browser = await launch();
    context = await browser.newContext({ viewport: SIZES.phone });
    page = await context.newPage();
    authenticator = await authenticatorOf(context, page);
    const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
    await page.goto(`http://localhost:${port}/enrol`);
    await page.getByLabel('Code').fill(code);
    await page.getByRole('button', { name: 'Make a passkey' }).click();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('everything is frozen').first().waitFor();
    await go('/duties');
    await page.getByRole('button', { name: /Confirm all/ }).click();
    await page.getByText('Done while nobody could sign').first().waitFor({ state: 'detached' });
    await go('/agents');
    await page.getByLabel('Why it may run again').fill('claimed and looked at');
    await page.getByRole('button', { name: 'Release' }).click();
    await page.getByRole('button', { name: 'Freeze now' }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await ground?.remove();
  });

  const go = (path: string) => goTo(page, path);
  /** What an agent's call of that note is answered: a code, or `ran`. */
  async function call(id: string): Promise<string> {
    const at = { url: await running.url(), token, upstream: 'box' };
    const { result } = await raw(at, 'tools/call', { name: 'tell', arguments: { id } }, {});
    return /"code":"([A-Z_]+)"/.exec(JSON.stringify(result))?.[1] ?? 'ran';
  }
  async function open(id: string): Promise<void> {
    expect(await call(id)).toBe('APPROVAL_PENDING');
    await go('/inbox');
    await page
      .getByRole('link', { name: new RegExp(`tell.*${id}`) })
      .first()
      .click();
    await page.getByRole('heading', { name: 'writer asks' }).first().waitFor();
  }

  it('changes the arguments, and approves what they have become', async () => {
    await open('note-one');
    await page.getByText('Change the arguments').click();
    await page.getByLabel(/Arguments, as JSON/).fill('{ "id": "note-edited" }');
    await page.getByRole('button', { name: 'Use these instead' }).click();
    await page.getByText('What ada changed in it').first().waitFor();
    // What it would be done to is what it has become.
    const target = page.locator('.facing > div').first();
    expect(await target.innerText()).toMatch(/^Target\s+Note note-edited$/);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('It was approved').first().waitFor();
    expect(await call('note-one')).toBe('ran');
    const [edited] = await ground.entries('approval.edited');
    expect(edited).toMatchObject({ person: 'ada', target: { type: 'Note', id: 'note-edited' } });
  });

  it('shows that a target is not the one that its name looks like, in the inbox and in the question', async () => {
    expect(await call('\u0430dmin')).toBe('APPROVAL_PENDING');
    await go('/inbox');
    await page.getByRole('link', { name: /tell.*\\u\{430\}dmin/ }).click();
    await page.getByRole('heading', { name: 'writer asks' }).first().waitFor();
    expect(await page.locator('.facing').innerText()).toContain('\\u{430}dmin');
    expect(await page.locator('main').innerText()).toContain('"id": "\\u{430}dmin"');
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('It was denied').first().waitFor();
  });

  it('gives a grant that is used up, sees it counted on the agent’s page, and is asked again', async () => {
    await open('note-two');
    await page.getByText('Allow more like this without asking').click();
    await page.getByLabel('At most so many times').fill('2');
    await page.getByRole('button', { name: 'Grant' }).click();
    await expect.poll(async () => (await ground.entries('grant.given')).length).toBe(1);
    expect(await call('note-two')).toBe('ran');
    await go('/agents/writer');
    await page.getByText('used 1 of 2, by ada').first().waitFor();
    expect(await call('note-two')).toBe('ran');
    expect(await call('note-two')).toBe('APPROVAL_PENDING');
    await go('/inbox');
    // A list that is not asked for again yet still has the first question about it, which a grant has answered.
    const [asked] = (await ground.entries('approval.asked')).slice(-1);
    const [granted] = await ground.entries('grant.given');
    await go(`/approvals/${granted?.['approval']}`);
    await page.getByText('This question is over.').first().waitFor();
    await page.getByText('A grant that was given meanwhile let it run.').first().waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole('link', { name: 'The whole story' }).first().click();
    await page.getByText('note-two').first().waitFor();
    await go('/inbox');
    await page.locator(`a[href$="/approvals/${asked?.['approval']}"]`).first().click();
    await page.getByLabel(/Why not/).fill('enough');
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('It was denied.').first().waitFor();
    expect(await call('note-two')).toBe('APPROVAL_DENIED');
  });

  it('sees what differs among questions that are alike, leaves one out, and answers the others at once', async () => {
    for (const id of ['many-a', 'many-b', 'many-c']) expect(await call(id)).toBe('APPROVAL_PENDING');
    await go('/inbox');
    await page.getByRole('link', { name: 'See what differs, answer at once' }).click();
    await page.getByRole('heading', { name: 'Several at once' }).first().waitFor();
    await page.getByText('"many-b"').first().waitFor();
    await page.getByRole('listitem').filter({ hasText: '"many-c"' }).getByRole('checkbox').uncheck();
    const answered = async () => (await ground.entries('approval.answered')).length;
    const before = await answered();
    await page.getByRole('button', { name: 'Approve these 2' }).click();
    await page.getByText('approved').first().waitFor();
    await expect.poll(answered).toBe(before + 2);
    expect(await call('many-a')).toBe('ran');
    expect(await call('many-b')).toBe('ran');
    expect(await call('many-c')).toBe('APPROVAL_PENDING');
  });

  it('sees what asking less would have let pass, applies it with a passkey, and is asked about this no more', async () => {
    for (const id of ['waits', 'approved']) expect(await call(id)).toBe('APPROVAL_PENDING');
    await go('/inbox');
    await page
      .getByRole('link', { name: /tell.*approved/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('It was approved').first().waitFor();
    await open('often');
    const offer = page.locator('details', { hasText: 'Ask less like this' });
    await offer.getByText('Ask less like this').click();
    await offer.getByText('@reason("It changes a note.")').first().waitFor();
    await offer.getByText('it would have let 1 attempt pass').first().waitFor();
    // One of the questions before has been left: many-c.
    await offer
      .getByText('3 other questions that wait end with it, 1 of them approved and not used yet')
      .waitFor();
    expect(await violationsOn(page)).toEqual([]);
    expect(await call('often')).toBe('APPROVAL_PENDING');
    const [asked] = (await ground.entries('approval.asked')).slice(-1);
    const told = await ground.run(`approvals less ${asked?.['approval']}`);
    expect(told.stdout).toContain(
      '3 other questions that wait end with it, 1 of them approved and not used yet',
    );
    await offer.getByRole('button', { name: 'Apply this rule' }).click();
    await page.getByText('It is in force').first().waitFor();
    expect(await violationsOn(page)).toEqual([]);
    expect(await call('often')).toBe('ran');
    expect(await call('seldom')).toBe('APPROVAL_PENDING');
    const [applied] = (await ground.entries('operator.applied')).slice(-1);
    expect(applied).toMatchObject({ person: 'ada', asksLess: { rules: ['tells'] } });
    await go('/rules');
    await page
      .getByText(/rule tells asks again about what it was to ask less, as ada applied/)
      .first()
      .waitFor();
    expect((await ground.run('log verify --deep')).code).toBe(0);
  });

  it('finds a session of hers that is not hers any more, and ends it', async () => {
    const lost = await context.newPage();
    const other = await authenticatorOf(context, lost);
    for (const credential of await authenticator.credentials()) await other.hold(credential);
    await lost.goto(`${new URL(page.url()).origin}/inbox`);
    await lost.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await lost.getByRole('heading', { name: 'Inbox' }).first().waitFor();
    await go('/people');
    const signedIn = page.getByRole('region', { name: 'Signed in now' });
    await signedIn.getByText('this tab').first().waitFor();
    await signedIn.getByText('127.0.0.1').first().waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await signedIn.getByRole('button', { name: 'End the session of Ada' }).click();
    await signedIn.getByRole('button', { name: 'End the session of Ada' }).waitFor({ state: 'detached' });
    await lost.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    expect(await ground.entries('person.signed-out')).toMatchObject([{ person: 'ada', subject: 'ada' }]);
    await signedIn.getByText('this tab').first().waitFor();
    await lost.close();
  });
});
