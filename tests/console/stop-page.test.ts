import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OutsideGround } from '../journeys/stop/outside-ground.ts';
import { StopTopic } from '../journeys/stop/topic.ts';
import { inChromium, launch, SIZES } from './browser.ts';

/** The stop page on a phone-sized screen, in a real browser, at a real brake; and the page that a phone keeps. */
inChromium('the stop page in Chromium, 360 px wide (skipped where there is none)', () => {
  let browser: Browser;
  let outside: OutsideGround;
  let topic: StopTopic;
  let token: string;
  /** Where pictures go, for whoever wants to look: STOP_SHOTS names a directory. */
  const shots = process.env['STOP_SHOTS'];
  beforeAll(async () => {
    topic = await StopTopic.open();
    outside = await OutsideGround.open({ stopChannel: `stopChannel: { url: "${topic.url}" }` });
    token = (await outside.ada.do('/v1/agents/writer/token')).body.token;
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await outside?.ground.remove();
    topic?.close();
  });

  const call = async () => (await outside.running.call(token, 'look')).text;
  const shoot = async (page: Page, name: string) => {
    if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`) });
  };

  async function open(scheme: 'light' | 'dark', javaScriptEnabled: boolean): Promise<Page> {
    const context = await browser.newContext({
      viewport: SIZES.phone,
      colorScheme: scheme,
      javaScriptEnabled,
    });
    return context.newPage();
  }

  it.each([
    ['light', true, ''],
    ['dark', false, ' without a script'],
  ] as const)(
    'P4 in %s: one press stops everything, and says what it did',
    async (scheme, script, _without) => {
      const page = await open(scheme, script);
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      await page.goto(`http://127.0.0.1:${outside.brake}/stop#${outside.key}`);
      if (!script) await page.getByLabel('Your stop key').fill(outside.key);
      await shoot(page, `ask-${scheme}`);
      const button = page.getByRole('button', { name: 'Stop everything' });
      const box = await button.boundingBox();
      // A thumb finds it: wide, high, and in the lower half.
      expect(box?.width).toBeGreaterThan(280);
      expect(box?.height).toBeGreaterThan(96);
      expect(box?.y).toBeGreaterThan(SIZES.phone.height / 2);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
        SIZES.phone.width,
      );
      await page.getByRole('button', { name: 'Show what runs' }).click();
      await page.getByText('You are ada').first().waitFor();
      await shoot(page, `show-${scheme}`);
      expect(await call()).not.toContain('FROZEN');
      await page.getByRole('button', { name: 'Stop everything' }).click();
      await page.getByText('Everything is frozen.').first().waitFor();
      await page.getByText('Recorded in the log.').first().waitFor();
      await shoot(page, `stopped-${scheme}`);
      expect(await call()).toContain('FROZEN');
      expect(problems).toEqual([]);
      expect(await outside.release()).toBe(200);
      await page.context().close();
    },
  );

  it('P4 the saved page stops from a file, over the topic, with one press', async () => {
    const made = await outside.ada.post('/v1/stop-page');
    const directory = mkdtempSync(join(tmpdir(), 'lanyard-page-'));
    const file = join(directory, made.body.name);
    writeFileSync(file, made.body.page);
    const page = await open('light', true);
    await page.goto(pathToFileURL(file).href);
    await shoot(page, 'saved');
    await page.getByRole('button', { name: 'Stop everything', exact: true }).click();
    await page.getByText('Sent (code').first().waitFor();
    while (!(await call()).includes('FROZEN')) await page.waitForTimeout(50);
    expect(readFileSync(file, 'utf8')).not.toContain('http-equiv="refresh"');
    await page.context().close();
    expect(await outside.release()).toBe(200);

    const plain = await open('dark', false);
    await plain.goto(pathToFileURL(file).href);
    await plain.getByRole('button', { name: 'Stop everything (code 7)' }).click();
    while (!(await call()).includes('FROZEN')) await plain.waitForTimeout(50);
    expect(await outside.release()).toBe(200);
    await plain.context().close();
    rmSync(directory, { recursive: true });
  });
});
