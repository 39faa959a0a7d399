import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildConsole } from '../../scripts/console.mjs';
import { ask } from '../../src/cli/instance.ts';
import { OperatorGround, RULES, type Running } from '../journeys/operator-ground.ts';
import { freePort } from '../journeys/people-ground.ts';
import { Endpoint } from '../reach/endpoint.ts';
import { authenticatorOf, goTo, inChromium, launch, SIZES } from './browser.ts';

/** One person, one phone, from nothing: she claims the instance, lets it run, and answers what an agent asks. */

inChromium('a person with a phone, in Chromium (skipped where there is none)', () => {
  let ground: OperatorGround;
  let running: Running;
  let browser: Browser;
  let page: Page;
  let origin: string;
  let token: string;
  /** What her messages go to. */
  const topic = new Endpoint();

  beforeAll(async () => {
    expect(buildConsole()).toBe(true);
    ground = new OperatorGround();
    const port = await freePort();
    origin = `http://localhost:${port}`;
    ground.write(
      'rules.cedar',
      `${RULES}@id("tells") @reason("It tells others.") @review("owner")\nforbid (principal, action == Action::"mcp:box/tell", resource);\n`,
    );
    ground.write(
      'lanyard.yaml',
      ground.configuration({
        control: `control: 127.0.0.1:${port}`,
        people: 'people: [{ id: ada, name: Ada, roles: [owner, admin] }]',
        approvals: 'approvals: { hold: 1s }',
        notify: `notify: { people: { ada: { channels: [{ ntfy: "${await topic.listen()}/ada" }] } } }`,
      }),
    );
    running = await ground.up({ SECRET: 'told' });
    token = await ground.token();
    browser = await launch();
    const context = await browser.newContext({ viewport: SIZES.phone });
    page = await context.newPage();
    await authenticatorOf(context, page);
  });
  afterAll(async () => {
    await browser?.close();
    await ground?.remove();
    await topic.close();
  });

  const go = (path: string) => goTo(page, path);

  /** Opens the newest question from the inbox, as it comes in by itself. */
  async function openQuestion(): Promise<void> {
    await go('/inbox');
    const asked = (await ground.entries('approval.asked')).at(-1);
    const link = page.locator(`a[href="/approvals/${asked?.['approval']}"]`);
    await page.getByRole('region', { name: 'For you' }).locator(link).first().click();
    await page.getByRole('heading', { name: 'writer asks' }).first().waitFor();
  }

  it('claims the instance, confirms what was done before, and releases it', async () => {
    await page.goto(origin);
    await page.getByText('Nobody has claimed this instance').first().waitFor();
    const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
    await page.goto(`${origin}/enrol`);
    await page.getByLabel('Code').fill(code);
    await page.getByRole('button', { name: 'Make a passkey' }).click();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('everything is frozen').first().waitFor();
    await go('/duties');
    await page.getByRole('button', { name: /Confirm all/ }).waitFor();
    // What stands there names the set by its digest, which breaks where it must.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(SIZES.phone.width);
    await page.getByRole('button', { name: /Confirm all/ }).click();
    await page.getByText('Done while nobody could sign').first().waitFor({ state: 'detached' });
    await go('/agents');
    await page.getByLabel('Why it may run again').fill('claimed and looked at');
    await page.getByRole('button', { name: 'Release' }).click();
    await page.getByRole('button', { name: 'Freeze now' }).waitFor();
    expect((await running.call(token, 'look')).text).toContain('done');
  });

  it('a call is held, shown whole, approved with a passkey, and runs once', async () => {
    expect((await running.call(token, 'tell')).text).not.toContain('"text":"told"');
    await openQuestion();
    const shown = await page.locator('main').innerText();
    expect(shown).toContain('It tells others.');
    expect(shown).toContain('"id": "a"');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('It was approved').first().waitFor();
    const before = (await ground.entries('action.outcome')).length;
    await running.call(token, 'tell');
    expect((await ground.entries('action.outcome')).length).toBe(before + 1);
    await running.call(token, 'tell');
    expect((await ground.entries('action.outcome')).length).toBe(before + 1);
  });

  it('a no needs no passkey, and the agent is told', async () => {
    await openQuestion();
    await page.getByLabel(/Why not/).fill('not today');
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('It was denied.').first().waitFor();
    expect((await running.call(token, 'tell')).text).toContain('APPROVAL_DENIED');
  });

  it('P5 a test question comes as a message, is answered with the passkey, and the command sees it', async () => {
    const asking = ground.run('phone --test ada');
    const links = () => topic.arrived.map(({ headers }) => String(headers['click']));
    await expect
      .poll(() => links().some((link) => link.includes('/confirm/')), { timeout: 60_000 })
      .toBe(true);
    const link = links().find((one) => one.includes('/confirm/')) ?? '';
    await go(new URL(link).pathname);
    await page.getByRole('heading', { name: 'A test question' }).first().waitFor();
    expect(await ground.entries('approval.tested')).toEqual([]);
    await page.getByRole('button', { name: 'Approve the test' }).click();
    await page.getByText('Your answer arrived').first().waitFor();
    expect(await asking).toMatchObject({ code: 0, stdout: expect.stringContaining('ada answered') });
    expect(await ground.entries('approval.tested')).toMatchObject([{ person: 'ada', test: true }]);
  });
});
