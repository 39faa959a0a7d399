import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildConsole } from '../../scripts/console.mjs';
import { ask } from '../../src/cli/instance.ts';
import { type Body, PersonAtBrowser } from '../journeys/people-ground.ts';
import { OutsideGround } from '../journeys/stop/outside-ground.ts';
import { violationsOn } from './axe.ts';
import { inChromium, launch } from './browser.ts';
import { Desk } from './desk.ts';

inChromium('stopping from wherever one is, in Chromium (skipped where there is none)', () => {
  let browser: Browser;
  let outside: OutsideGround;
  let desk: Desk;
  let page: Page;
  let invited: string;

  beforeAll(async () => {
    expect(buildConsole()).toBe(true);
    outside = await OutsideGround.open();
    invited = new URL((await outside.ada.do('/v1/people/eve/invite')).body.link).hash.slice(1);
    browser = await launch();
    desk = await Desk.open(browser, outside.ada);
    page = desk.page;
  });
  afterAll(async () => {
    await browser?.close();
    await outside?.ground.remove();
  });

  const freezeAll = () => page.getByRole('button', { name: 'Freeze all' });
  const levels = async () =>
    ((await ask(outside.ground.config, 'GET /v1/status')) as { levels: object }).levels;
  const focused = () =>
    page.evaluate<string>(
      "document.activeElement.getAttribute('aria-label') ?? document.activeElement.id + document.activeElement.textContent",
    );
  async function endSessions(): Promise<void> {
    const { body } = await outside.ada.get('/v1/sessions');
    for (const { session, isThis } of body as Body)
      if (!isThis) expect((await outside.ada.post(`/v1/sessions/${session}/end`)).status).toBe(200);
  }
  async function release(): Promise<void> {
    await desk.go('/agents');
    const everything = page.getByRole('region', { name: 'Everything' });
    await everything.getByLabel('Why it may run again').fill('looked at it');
    await everything.getByRole('button', { name: 'Release' }).click();
    await everything.getByRole('button', { name: 'Freeze now' }).waitFor();
  }

  it('P4 everything is frozen from any page of a phone: one press, and one that means it, without a passkey', async () => {
    for (const path of ['/', '/inbox', '/agents/writer', '/actions', '/rules', '/log', '/people', '/phone']) {
      await desk.go(path);
      const { x, y, width, height } = (await freezeAll().boundingBox()) ?? {
        x: 0,
        y: 0,
        width: 0,
        height: 0,
      };
      const seen = await page.evaluate(
        `document.elementFromPoint(${x + width / 2}, ${y + height / 2})?.closest('button')?.textContent`,
      );
      expect([path, seen]).toEqual([path, ' Freeze all']);
    }
    await freezeAll().click();
    expect(await violationsOn(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(focused).toBe(' Freeze all');
    expect(await levels()).toEqual({});
    await freezeAll().click();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Everything is frozen' }).waitFor();
    expect(await levels()).toEqual({ all: 'frozen' });
    expect(await violationsOn(page)).toEqual([]);
    await desk.press('Close');
    await expect.poll(focused).toMatch(/^content/);
    expect(await freezeAll().count()).toBe(0);
    await release();
    await freezeAll().waitFor();
  });

  it('P4 tells whoever stops in that way without the network what else does', async () => {
    await desk.go('/log');
    await page.context().setOffline(true);
    await freezeAll().click();
    await desk.press('Freeze everything');
    await desk.sees('Nothing was stopped from here');
    await desk.sees('./lanyard stop all');
    await page.context().setOffline(false);
    await desk.press('Freeze everything');
    await page.getByRole('dialog', { name: 'Everything is frozen' }).waitFor();
    await desk.press('Close');
    await release();
  });

  it('gives the focus back after what was pressed: to the button, or to the part of the page that it stood in', async () => {
    await desk.go('/log');
    await desk.press('Verify');
    await desk.sees('It holds');
    await expect.poll(focused).toBe('Verify');
    await desk.go('/agents');
    await desk.press('Freeze now');
    await page.getByLabel('Why it may run again').waitFor();
    await expect.poll(focused).toBe('Everything');
    await release();
    await expect.poll(focused).toBe('Everything');
  });

  it('shows an auditor no such button', async () => {
    const eve = new PersonAtBrowser(outside.ada.origin);
    await eve.enrol(invited);
    const hers = await Desk.open(browser, eve);
    await hers.go('/agents/writer');
    await hers.sees('An auditor reads this');
    expect(await hers.page.getByRole('button', { name: 'Freeze all' }).count()).toBe(0);
    await hers.page.context().close();
  });

  it('P4 tells whoever stops in a session that is over that nothing was stopped, and what else stops', async () => {
    await desk.go('/agents');
    await page.route('**/v1/stop', async (route) => {
      await endSessions();
      await route.continue();
    });
    await freezeAll().click();
    await desk.press('Freeze everything');
    await desk.sees('Your session is over');
    await desk.sees('What you pressed last was not done.');
    await desk.sees('Nothing was stopped from here');
    await desk.sees('./lanyard stop all');
    expect(await violationsOn(page)).toEqual([]);
    expect(await levels()).toEqual({});
    await page.unroute('**/v1/stop');
    await desk.signIn();
    // It is told once.
    await endSessions();
    await desk.sees('Your session is over');
    expect(await page.getByText('was not done').count()).toBe(0);
  });
});
