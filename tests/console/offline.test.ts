import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildConsole } from '../../scripts/console.mjs';
import { authenticatorOf, inChromium, launch, SIZES, somePasskey } from './browser.ts';
import { Line } from './line.ts';
import { openStage } from './stage.ts';
import { NOW_MS } from './visit.ts';

inChromium('an open console without its network, in Chromium (skipped where there is none)', () => {
  let browser: Browser;
  let stage: Awaited<ReturnType<typeof openStage>>;
  beforeAll(async () => {
    expect(buildConsole()).toBe(true);
    stage = await openStage(NOW_MS);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  /** With the clock of the machine: a browser whose clock stands has no idle time. */
  async function open(phone: BrowserContext, url = stage.url): Promise<Page> {
    const page = await phone.newPage();
    await (await authenticatorOf(phone, page)).hold(somePasskey());
    await page.goto(url);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.locator('.shell').waitFor();
    return page;
  }
  const context = () => browser.newContext({ viewport: SIZES.phone });
  const follow = (page: Page, path: string) =>
    page.evaluate(`history.pushState({}, '', '${path}'); dispatchEvent(new PopStateEvent('popstate'))`);
  const fetched = (page: Page, name: string) =>
    expect
      .poll(() =>
        page.evaluate<boolean>(
          `performance.getEntriesByType('resource').some((one) => one.responseEnd > 0 && one.name.includes('/assets/${name}-'))`,
        ),
      )
      .toBe(true);

  it('still shows the page with the brake, which nobody had opened, to whoever has lost the network, and what else stops', async () => {
    const phone = await context();
    const page = await open(phone);
    for (const name of ['agents', 'agent', 'people']) await fetched(page, name);
    await phone.setOffline(true);
    await follow(page, '/agents');
    await page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Freeze now' }).first().click();
    await page.getByText('Nothing was stopped from here').waitFor();
    await page.getByText('./lanyard stop all').waitFor();
    await phone.close();
  });

  it('says of a page that cannot be had that it cannot, and gets it once it can, without a sign-in', async () => {
    const phone = await context();
    await phone.route('**/assets/people-*', (route) => route.abort());
    const page = await open(phone);
    await follow(page, '/people');
    await page.getByRole('alert').getByText('This page could not be loaded').waitFor();
    await phone.unroute('**/assets/people-*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor();
    expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).count()).toBe(0);
    await phone.close();
  });

  it('P4 tells whoever stops into a silence that nobody answers, and what else stops, though every connection is taken', async () => {
    const line = await Line.to(stage.url);
    const phone = await context();
    const page = await open(phone, line.url);
    for (const name of ['agents', 'agent', 'people', 'log']) await fetched(page, name);
    await follow(page, '/agents');
    await page.getByRole('button', { name: 'Freeze now' }).first().waitFor();
    line.fallSilent();
    // A browser opens six connections to a place; one of them has the stream.
    for (const path of ['/log', '/rules', '/people', '/drills', '/duties', '/inventory'])
      await follow(page, path);
    await follow(page, '/agents');
    await page.getByRole('button', { name: 'Freeze now' }).first().click();
    await expect.poll(() => line.unheard).toContain('POST /v1/stop ');
    await page.getByText('No answer came within 5 s').first().waitFor();
    await page.getByText('./lanyard stop all').waitFor();
    await page.getByRole('button', { name: 'Freeze now' }).first().click();
    await phone.close();
    line.close();
  });

  it('says that its connection is lost where the network closes nothing, and is live again once it is back', async () => {
    const line = await Line.to(stage.url);
    const phone = await context();
    const page = await open(phone, line.url);
    await page.locator('.strip .live.fine').waitFor({ state: 'attached' });
    line.fallSilent();
    await page.locator('[aria-live=polite]').getByText('connection lost').waitFor();
    line.recover();
    await page.locator('.strip .live.fine').waitFor({ state: 'attached' });
    await phone.close();
    line.close();
  });
});
