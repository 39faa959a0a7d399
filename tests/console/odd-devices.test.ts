import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildConsole } from '../../scripts/console.mjs';
import { HOUR_MS } from '../../src/base/duration.ts';
import { inChromium, launch, SIZES } from './browser.ts';
import { openStage } from './stage.ts';
import { NOW_MS, open, PAGES, type Visit } from './visit.ts';

/** A desktop window of 1280 by 1024 at 400%, as whoever sees badly has it. */
const AT_400 = { width: 320, height: 256 };

/** The element with the focus, where nothing of it is to be seen (WCAG 2.4.11); otherwise empty. */
const HIDDEN = `(() => {
  const at = document.activeElement;
  const { left, top, width, height } = at.getBoundingClientRect();
  const isSeen = (part) => {
    const hit = document.elementFromPoint(left + width / 2, top + height * part);
    return hit !== null && (at.contains(hit) || hit.contains(at));
  };
  return at === document.body || [0.1, 0.3, 0.5, 0.7, 0.9].some(isSeen) ? '' : at.outerHTML.slice(0, 120);
})()`;

inChromium(
  'a question on a device that is not as it should be, in Chromium (skipped where there is none)',
  () => {
    let browser: Browser;
    let stage: Awaited<ReturnType<typeof openStage>>;
    let context: BrowserContext;
    let visit: Visit;
    beforeAll(async () => {
      expect(buildConsole()).toBe(true);
      stage = await openStage(NOW_MS);
      browser = await launch();
      context = await browser.newContext({ viewport: SIZES.phone });
      visit = await open(context, stage.url, PAGES['approval'] ?? '');
    });
    afterAll(async () => {
      await browser?.close();
      await stage?.close();
    });

    it('is read at 400% before there is anything to press: the buttons do not stand over it', async () => {
      const { page } = visit;
      await page.setViewportSize(AT_400);
      await page.evaluate('scrollTo(0, 0)');
      const verdict = await page.locator('.verdict').boundingBox();
      const facts = await page.locator('.facing').boundingBox();
      expect(verdict?.y).toBeGreaterThan((facts?.y ?? 0) + (facts?.height ?? 0));
      expect(verdict?.y).toBeGreaterThan(AT_400.height);
    });

    it.each([
      ['of a phone', SIZES.phone],
      ['at 400%', AT_400],
    ])('is gone through by keyboard, and what has the focus is never hidden: %s', async (_, size) => {
      const { page } = visit;
      await page.setViewportSize(size);
      await page.evaluate('scrollTo(0, 0), document.activeElement.blur()');
      const stops = new Set<string>();
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press('Tab');
        stops.add(await page.evaluate<string>('document.activeElement.textContent.trim()'));
        expect(await page.evaluate(HIDDEN)).toBe('');
      }
      expect(stops).toContain('Approve');
      expect(stops).toContain('Ask less like this');
    });

    it('is read in letters as large as the browser is told, twice as large too, and nothing is cut off at its side', async () => {
      const { page } = visit;
      const smallest = () =>
        page.evaluate<number>(
          "Math.min(...[...document.querySelectorAll('.shell *')].map((one) => parseFloat(getComputedStyle(one).fontSize)))",
        );
      const enlarge = (to: string) => page.evaluate(`document.documentElement.style.fontSize = '${to}'`);
      await page.setViewportSize(SIZES.phone);
      for (const name of [
        'now',
        'inbox',
        'approval',
        'approval-text',
        'agents',
        'actions',
        'log',
        'duties',
      ]) {
        await visit.go(PAGES[name] ?? '');
        const before = await smallest();
        await enlarge('200%');
        expect([name, await smallest()]).toEqual([name, before * 2]);
        const width = await page.evaluate('document.documentElement.scrollWidth');
        expect([name, width]).toEqual([name, SIZES.phone.width]);
        await enlarge('');
      }
      await visit.go(PAGES['approval'] ?? '');
    });

    it.each([-5, 5])(
      'says how long there is left by the clock of the instance: a phone whose own is off by %i hours',
      async (hours) => {
        const { page } = visit;
        const left = page.locator('.card > header time').first();
        await visit.go(PAGES['approval'] ?? '');
        const words = await left.textContent();
        expect(words).toMatch(/^\d+ min left$/);
        await page.clock.setFixedTime(NOW_MS + hours * HOUR_MS);
        await page.reload();
        await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
        await expect.poll(() => left.textContent()).toBe(words);
        await page.clock.setFixedTime(NOW_MS);
      },
    );
  },
);
