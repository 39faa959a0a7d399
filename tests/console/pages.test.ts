import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildConsole } from '../../scripts/console.mjs';
import { MATTER_KINDS } from '../../src/watch/notify/matter.ts';
import { messageOf } from '../../src/watch/notify/message.ts';
import { ROOT } from '../source-tree.ts';
import { violationsOn } from './axe.ts';
import { goTo, inChromium, launch, SIZES } from './browser.ts';
import { FOLDED, LOOKS, openGallery, PICTURES, shoot, showFolded, unfold } from './pictures.ts';
import { openStage } from './stage.ts';
import { arrive, enter, NOW_MS, OUTSIDE, open, PAGES, type Visit } from './visit.ts';

const DIST = join(ROOT, 'console', 'dist');
const MOST_FIRST_SCRIPT = 200 * 1024;

/** As much of an element of a page as is used here. */
interface Wide {
  readonly scrollWidth: number;
  readonly clientWidth: number;
}

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
  const gallery = openGallery();
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
    if (process.env['SCREENS'] === undefined) rmSync(gallery, { recursive: true });
  });

  it.each(Object.entries(PAGES))(
    '%s fits its width in both themes and sizes, is WCAG 2.2 AA by axe, and stays with the instance',
    async (name, path) => {
      if (!OUTSIDE.has(name) && !(await read.page.locator('.shell').isVisible())) {
        await goTo(read.page, '/');
        await enter(reading, read);
      }
      await read.go(path);
      for (const [at, look] of LOOKS.entries()) {
        await read.look(...look);
        const { width, most } = await shoot(read, gallery, name, look);
        expect(width, `${look.join(' ')} is as wide as its page`).toBeLessThanOrEqual(most);
        if (at < 2) expect(await violationsOn(read.page)).toEqual([]);
      }
      expect(read.troubles).toEqual([]);
    },
  );

  it.each(Object.entries(FOLDED))(
    '%s, unfolded, fits its width in both themes and sizes',
    async (name, folded) => {
      await read.go(folded.path);
      await unfold(read, folded);
      for (const look of LOOKS) {
        await read.look(...look);
        await showFolded(read, folded);
        const { width, most } = await shoot(read, gallery, name, look);
        expect(width, `${look.join(' ')} is as wide as its page`).toBeLessThanOrEqual(most);
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

  it('shows of a long target where it ends, and not only where it begins', async () => {
    const { page } = visit;
    await page.setViewportSize(SIZES.phone);
    await visit.go('/actions?text=announcement');
    const target = page.locator('.action-row .in-line').first();
    expect(await target.textContent()).toBe(
      '/srv/site/docs/translations/german/handbook/announcement-2026-11.md',
    );
    expect(await target.locator('.tail').textContent()).toBe('/announcement-2026-11.md');
    const [row, head, end] = await Promise.all(
      [target, target.locator('.head'), target.locator('.tail')].map((one) => one.boundingBox()),
    );
    if (row == null || head == null || end == null) throw new Error('it is not shown');
    expect(end.x).toBeGreaterThan(head.x);
    expect(end.x + end.width).toBeLessThanOrEqual(row.x + row.width + 1);
    expect(
      await target
        .locator('.tail')
        .evaluate(({ scrollWidth, clientWidth }: Wide) => scrollWidth - clientWidth),
    ).toBe(0);
    await page.setViewportSize(SIZES.desktop);
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
    // Whoever only hears it is told where she has come to.
    const heading = () =>
      page.evaluate<string>('document.activeElement.tagName + document.activeElement.textContent');
    await expect.poll(heading).toBe('H1invoices asks');
    expect(await page.locator('.facing').innerText()).toContain('What it pays\n1,840.50 EUR');
    for (let i = 0; i < 40 && !(await focused()).includes('Approve'); i++) await page.keyboard.press('Tab');
    expect(await focused()).toContain('Approve');
  });

  it('is gone through by keyboard where a list has no end: one stop for the Tab key, and the focus is never lost', async () => {
    const { page } = visit;
    await visit.go('/actions');
    const focused = () =>
      page.evaluate<string | null>(
        "document.activeElement.closest('li[aria-posinset]')?.getAttribute('aria-posinset') ?? document.activeElement.tagName",
      );
    const press = async (key: string, expected: string | RegExp) => {
      await page.keyboard.press(key);
      await expect.poll(focused).toMatch(expected);
    };
    await page.getByRole('region', { name: 'Actions that were found' }).focus();
    await press('Tab', /^1$/);
    await press('ArrowDown', /^2$/);
    await press('End', /^[1-9][0-9]+$/);
    await press('k', /^[1-9][0-9]+$/);
    await press('Home', /^1$/);
    await page.locator('.long-list').evaluate((list: { scrollTop: number }) => {
      list.scrollTop = 1500;
    });
    await expect.poll(focused).toMatch(/^[1-9][0-9]$/);
    await press('PageUp', /^[1-9][0-9]$/);
    await press('Tab', /^[A-Z]/);
    await page.keyboard.press('Shift+Tab');
    await expect.poll(focused).toMatch(/^[1-9][0-9]$/);
    expect(await violationsOn(page)).toEqual([]);
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

describe('the pictures of the console', () => {
  it('are of every page that its router names', () => {
    const router = readFileSync(join(ROOT, 'console/src/router.tsx'), 'utf8');
    const routes = [...router.matchAll(/\bpath: '([^']+)'/g)].map(([, path = '']) => path);
    expect(routes.length).toBeGreaterThan(15);
    const isSeen = (route: string) => {
      const like = new RegExp(`^${route.replaceAll(/\$\w+/g, '[^/]+')}(\\?|$)`);
      return Object.values(PAGES).some((path) => like.test(path));
    };
    expect(routes.filter((route) => !isSeen(route))).toEqual([]);
  });

  it.each(MATTER_KINDS)('are of where the link in a message about one %s leads', (kind) => {
    const matter = { people: ['ada'], answered: [], needs: 1, told: {}, page: true, openedMs: 0 };
    const { link } = messageOf('m', [{ ...matter, kind, id: '01JD' }], 'http://localhost:7702', 0, 'ada');
    const [, noun] = new URL(link ?? '').pathname.split('/');
    expect(Object.values(PAGES).map((path) => path.split('/')[1])).toContain(noun);
  });

  it('lie in docs/screens, each page in both themes and both sizes, and none of what is no page', () => {
    expect(readdirSync(join(ROOT, 'docs', 'screens')).sort()).toEqual([...PICTURES].sort());
  });
});
