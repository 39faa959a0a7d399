import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildConsole } from '../../scripts/console.mjs';
import { ROOT } from '../source-tree.ts';
import { violationsOn } from './axe.ts';
import { inChromium, launch, SIZES } from './browser.ts';
import { openStage } from './stage.ts';
import { arrive, enter, NOW_MS, open, PAGES, type Visit } from './visit.ts';

const DIST = join(ROOT, 'console', 'dist');
const MOST_FIRST_SCRIPT = 200 * 1024;

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
}

beforeAll(() => {
  expect(buildConsole()).toBe(true);
});

describe('the console as built', () => {
  it('needs less than 200 KB of compressed script for its first view', () => {
    const manifest = JSON.parse(readFileSync(join(DIST, '.vite', 'manifest.json'), 'utf8')) as Record<
      string,
      Chunk
    >;
    const needed = new Set<string>();
    const need = (name: string) => {
      const chunk = manifest[name];
      if (chunk === undefined || needed.has(chunk.file)) return;
      needed.add(chunk.file);
      for (const other of chunk.imports ?? []) need(other);
    };
    for (const [name, chunk] of Object.entries(manifest)) if (chunk.isEntry === true) need(name);
    expect(needed.size).toBeGreaterThan(0);
    const bytes = [...needed].reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file))).length, 0);
    expect(bytes).toBeLessThan(MOST_FIRST_SCRIPT);
  });

  it('holds no inline script or style, and names no other host that it would ask', () => {
    const html = readFileSync(join(DIST, 'index.html'), 'utf8');
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=")|<style|\son\w+=|\sstyle=|https?:\/\//);
  });
});

inChromium('in Chromium (skipped where there is none)', () => {
  let browser: Browser;
  let reading: BrowserContext;
  let read: Visit;
  /** Under the policy of the page. */
  let context: BrowserContext;
  let visit: Visit;
  let stage: Awaited<ReturnType<typeof openStage>>;
  beforeAll(async () => {
    stage = await openStage(NOW_MS);
    browser = await launch();
    context = await browser.newContext({ viewport: SIZES.desktop });
    visit = await open(context, stage.url, '/');
    reading = await browser.newContext();
    read = await arrive(reading, stage.url);
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  it.each(Object.keys({ 'sign-in': '', ...PAGES }))(
    '%s is WCAG 2.2 AA by axe in both themes and sizes, fits its width and stays with the instance',
    async (name) => {
      const path = PAGES[name];
      if (path !== undefined) {
        if (await read.page.locator('.door').isVisible()) await enter(reading, read);
        await read.go(path);
      }
      for (const [size, theme] of [
        ['phone', 'dark'],
        ['desktop', 'light'],
      ] as const) {
        await read.look(size, theme);
        const width = await read.page.evaluate<number>('document.documentElement.scrollWidth');
        expect(width, `${size} is as wide as its page`).toBeLessThanOrEqual(SIZES[size].width);
        expect(await violationsOn(read.page)).toEqual([]);
      }
      expect(read.troubles).toEqual([]);
    },
  );

  it('shows what an agent wrote as text, with what cannot be seen made visible', async () => {
    const { page, troubles } = visit;
    await visit.go(PAGES['approval-text'] ?? '');
    await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
    const text = await page.locator('main').innerText();
    expect(text).toContain('<img src=x onerror=alert(1)>');
    expect(text).toContain('\\u{202e}');
    expect(text).toContain('\\u{200b}');
    expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b-\u200f]/);
    expect(await page.locator('main img').count()).toBe(0);
    expect(troubles).toEqual([]);
  });

  it('is worked by keyboard alone: from the first page to an answer', async () => {
    const { page } = visit;
    await visit.go('/inbox');
    const focused = () =>
      page.evaluate<string>(
        "/^(A|BUTTON)$/.test(document.activeElement?.tagName ?? '') ? document.activeElement.textContent : ''",
      );
    await page.getByText('bank/transfer').first().waitFor();
    for (let i = 0; i < 40 && !(await focused()).includes('bank/transfer'); i++)
      await page.keyboard.press('Tab');
    await page.keyboard.press('j');
    await expect.poll(focused).toContain('add_issue_comment');
    await page.keyboard.press('ArrowUp');
    await expect.poll(focused).toContain('bank/transfer');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'invoices asks' }).first().waitFor();
    for (let i = 0; i < 40 && !(await focused()).includes('Approve'); i++) await page.keyboard.press('Tab');
    expect(await focused()).toContain('Approve');
  });

  it('asks nothing but GET until a person presses a button', async () => {
    const { page } = visit;
    await visit.go('/inbox');
    const posts: string[] = [];
    await page.getByRole('heading', { name: 'Inbox' }).first().waitFor();
    page.on('request', (request) => {
      if (request.method() !== 'GET') posts.push(request.url());
    });
    await page.getByText('add_issue_comment').first().click();
    await page.getByRole('heading', { name: 'triage asks' }).first().waitFor();
    expect(posts).toEqual([]);
  });
});
