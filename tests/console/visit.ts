import type { BrowserContext, Page } from 'playwright-core';
import { idOf } from '../../console/mock/world.ts';
import { authenticatorOf, goTo, SIZES, somePasskey } from './browser.ts';

/** The moment that the mock and the pages before it take for now. */
export const NOW_MS = Date.parse('2026-11-20T20:18:00.000Z');

/** Those that are seen before anybody has signed in come first. */
export const PAGES: Readonly<Record<string, string>> = {
  'sign-in': '/',
  enrol: '/enrol',
  now: '/',
  inbox: '/inbox',
  approval: `/approvals/${idOf(500)}`,
  'approval-text': `/approvals/${idOf(501)}`,
  'approval-late': `/approvals/${idOf(505)}`,
  batch: `/batch?of=${idOf(501)},${idOf(500)}`,
  agents: '/agents',
  agent: '/agents/writer',
  actions: '/actions',
  action: `/actions/${idOf(89_995)}`,
  rules: '/rules',
  inventory: '/inventory',
  log: '/log',
  appeal: '/appeals/01M0CKAPPEA1000000000000P1',
  alert: '/alerts/alert-2',
  case: '/cases/01M0CKCASE0000000000000001',
  duties: '/duties',
  drills: '/drills',
  people: '/people',
  phone: '/phone',
  confirm: '/confirm/01JDWX7Q4MZ8VN3K5TAAAAAAAA',
  'confirm-test': '/confirm/01JDWX7Q4MZ8VN3K5TTEST0000',
};

/** Before the door of the console. */
export const OUTSIDE: ReadonlySet<string> = new Set(['sign-in', 'enrol']);

export type Size = keyof typeof SIZES;
export type Theme = 'light' | 'dark';

export interface Visit {
  readonly page: Page;
  /** What the page complained of, and what it asked of others than the instance. */
  readonly troubles: string[];
  /** Goes to another page as a link would, the session kept, and waits until everything on it has come. */
  go(path: string): Promise<void>;
  look(size: Size, theme: Theme): Promise<void>;
}

/** Opens the sign-in page. */
export async function arrive(context: BrowserContext, url: string, path = '/'): Promise<Visit> {
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text());
  });
  page.on('pageerror', (fault) => troubles.push(fault.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('blob:'))
      troubles.push(`asks ${request.url()}`);
  });
  await page.clock.setFixedTime(NOW_MS);
  await page.goto(url + path);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  return {
    page,
    troubles,
    async go(to) {
      await goTo(page, to);
      await settled(page);
    },
    async look(size, theme) {
      await page.setViewportSize(SIZES[size]);
      await page.emulateMedia({ colorScheme: theme });
    },
  };
}

/** Nothing is being loaded, and the page has its heading. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  // Several parts of a page load at once: where there is no first one, there is none.
  await page.locator('[role=status]').first().waitFor({ state: 'detached' });
}

export async function enter(context: BrowserContext, visit: Visit): Promise<void> {
  const { page } = visit;
  const authenticator = await authenticatorOf(context, page);
  await authenticator.hold(somePasskey());
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.locator('.shell').waitFor();
  await page.locator('.strip .live.fine').waitFor({ state: 'attached' });
  await settled(page);
}

/** Opens a page, signed in. */
export async function open(context: BrowserContext, url: string, path: string): Promise<Visit> {
  const visit = await arrive(context, url, path);
  await enter(context, visit);
  return visit;
}
