import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { PersonAtBrowser } from '../journeys/people-ground.ts';
import { authenticatorOf, goTo, SIZES } from './browser.ts';

/** A tab of somebody who has a passkey already: it is in this tab's authenticator from now on, and used there alone. */
export class Desk {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(
    where: Browser | BrowserContext,
    { origin, key }: Pick<PersonAtBrowser, 'origin' | 'key'>,
  ): Promise<Desk> {
    const context = 'newContext' in where ? await where.newContext({ viewport: SIZES.phone }) : where;
    const page = await context.newPage();
    const authenticator = await authenticatorOf(context, page);
    await authenticator.hold(key.forBrowser());
    const desk = new Desk(page);
    await page.goto(origin);
    await desk.signIn();
    return desk;
  }

  async signIn(): Promise<void> {
    await this.page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await this.page.locator('.strip .live.fine').waitFor({ state: 'attached' });
  }

  /** To another page as a link would: the session is the tab's, and is kept. */
  async go(path: string): Promise<void> {
    await goTo(this.page, path);
  }

  /** As the link in a message opens it. */
  async question(approval: string): Promise<void> {
    await this.go(`/approvals/${approval}`);
    await this.page.getByRole('heading', { name: 'writer asks' }).first().waitFor();
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click();
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }
}
