import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildConsole } from '../../scripts/console.mjs';
import { ask } from '../../src/cli/instance.ts';
import { type Body, PersonAtBrowser } from '../journeys/people-ground.ts';
import { OutsideGround } from '../journeys/stop/outside-ground.ts';
import { inChromium, launch } from './browser.ts';
import { Desk } from './desk.ts';

const PEOPLE =
  'people: [{ id: ada, name: Ada, roles: [admin, owner] }, { id: grace, name: Grace, roles: [security] }]';

/** Whatever was stopped, and however far: why it was, and where somebody on a phone takes it back. */
inChromium('releasing on a phone, in Chromium (skipped where there is none)', () => {
  let browser: Browser;
  let outside: OutsideGround;
  let desk: Desk;
  let invited: string;

  beforeAll(async () => {
    expect(buildConsole()).toBe(true);
    outside = await OutsideGround.open({ people: PEOPLE });
    invited = new URL((await outside.ada.do('/v1/people/grace/invite')).body.link).hash.slice(1);
    browser = await launch();
    desk = await Desk.open(browser, outside.ada);
  });
  afterAll(async () => {
    await browser?.close();
    await outside?.ground.remove();
  });

  const stop = (scope: string, level: string) =>
    outside.ada.post('/v1/stop', { scope, level, why: 'odd answers' });
  async function release(why: string): Promise<void> {
    await desk.page.getByLabel('Why it may run again').first().fill(why);
    await desk.page.getByRole('button', { name: 'Release' }).first().click();
  }
  const released = async () =>
    (await outside.ground.entries('containment.released')).map(({ scope, was }) => [scope, was]).at(-1);

  it.each(['upstream:box', 'operation:mcp:box/tell', 'target:a', 'session:nobody', 'owner:ada'])(
    '%s stands under Agents with why it was stopped, and is released there',
    async (scope) => {
      await stop(scope, 'frozen');
      await desk.go('/agents');
      const card = desk.page.getByRole('region', { name: `Stopped: ${scope.split(':')[0]}` });
      await card.getByText(scope, { exact: true }).waitFor();
      await card.getByRole('link', { name: 'Why it was stopped' }).click();
      await desk.sees('odd answers');
      await desk.go('/agents');
      await release('looked at it');
      await card.waitFor({ state: 'detached' });
      expect(await released()).toEqual([scope, 'frozen']);
    },
  );

  it('an agent that was set to watched is released or frozen, and one that another stop holds has no release of its own', async () => {
    await stop('agent:writer', 'watched');
    await desk.go('/agents/writer');
    await desk.page.getByRole('button', { name: 'Freeze now' }).waitFor();
    await release('looked at it');
    await desk.page.getByLabel('Why it may run again').waitFor({ state: 'detached' });
    expect(await released()).toEqual(['agent:writer', 'watched']);
    await stop('all', 'frozen');
    await desk.sees('It is frozen by another stop');
    expect(await desk.page.getByRole('button', { name: 'Release' }).count()).toBe(0);
    await desk.go('/agents');
    await release('looked at it');
    await desk.page.getByRole('button', { name: 'Freeze now' }).waitFor();
  });

  it('P4 a stop whose answer is lost on the way back is told by what stands: frozen, and not that nothing was stopped', async () => {
    const { page } = desk;
    await desk.go('/agents');
    await page.route('**/v1/stop', async (route) => {
      await route.fetch();
      await route.abort('connectionreset');
    });
    const lost = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/v1/stop'));
    await desk.press('Freeze now');
    await lost;
    await page.getByLabel('Why it may run again').waitFor();
    expect(await page.getByText('Nothing was stopped from here').count()).toBe(0);
    expect(await page.getByText('does not answer').count()).toBe(0);
    await page.unroute('**/v1/stop');
    // And where it did not arrive, that it may have.
    await release('looked at it');
    await page.route('**/v1/stop', (route) => route.abort('connectionreset'));
    await desk.press('Freeze now');
    await desk.sees('What was sent may have arrived all the same');
    await desk.sees('Do not wait for it; press again');
    await page.unroute('**/v1/stop');
  });

  it('the first word about what was killed is told as that', async () => {
    await stop('agent:other', 'killed');
    await desk.go('/agents/other');
    await release('looked at it');
    await desk.sees('It is killed still: a second person signs the same release now');
    await desk.sees('You gave the first of two words to release it');
    expect((await outside.ground.run('status')).stdout).toContain('  ada gave the first of two words');
    const grace = new PersonAtBrowser(outside.ada.origin);
    await grace.enrol(invited);
    const hers = await Desk.open(browser, grace);
    await hers.go('/agents/other');
    await hers.sees('ada gave the first of two words to release it');
    await hers.sees('Yours is the second');
    await hers.page.context().close();
    expect(await ask(outside.ground.config, 'GET /v1/status')).toMatchObject({
      levels: { 'agent:other': 'killed' },
    });
  });

  it('a release of what is not stopped needs nobody, changes nothing, and says what is stopped', async () => {
    const told = await outside.ground.run('release all --why over');
    expect(told).toMatchObject({
      code: 0,
      stdout:
        'all was not stopped; nothing changes\nStopped still, each by a stop of its own: agent:other.\n',
    });
    expect(await released()).toEqual(['all', 'frozen']);
  });

  it('a passkey that a recovery code made is taken away under People, where the page about it leads', async () => {
    const thief = new PersonAtBrowser(outside.ada.origin);
    const made = await thief.enrol(outside.ada.recoveryCodes[0] ?? '');
    const { credential } = made.body.passkey;
    await expect
      .poll(async () =>
        ((await outside.ada.get('/v1/alerts')).body as Body).alerts.map(({ subject }: Body) => subject),
      )
      .toContain('recovery');
    const { alerts } = (await outside.ada.get('/v1/alerts')).body as Body;
    await desk.go(`/alerts/${alerts.find(({ subject }: Body) => subject === 'recovery').id}`);
    await desk.page.getByText('A passkey is taken away under').getByRole('link', { name: 'People' }).click();
    await desk.page.getByText('Passkeys', { exact: true }).first().click();
    await desk.sees('made with a recovery code');
    await desk.press(`Take away ${credential.slice(0, 8)}`);
    await desk.page.getByText('made with a recovery code').waitFor({ state: 'detached' });
    expect(await outside.ground.entries('person.removed')).toMatchObject([
      { subject: 'ada', credential, person: 'ada' },
    ]);
  });

  it('a stop link that was lost is ended on the page that makes it', async () => {
    await desk.go('/phone');
    await desk.press('Make a stop link');
    const made = desk.page.getByRole('button', { name: /^End link/ });
    await made.nth(1).waitFor();
    expect(await made.count()).toBe(2);
    for (const left of [1, 0]) {
      await made.first().click();
      await expect.poll(() => made.count()).toBe(left);
    }
    expect(await outside.ground.entries('person.stop-key-revoked')).toHaveLength(2);
  });

  it('new recovery codes are made under People and shown once', async () => {
    await desk.go('/people');
    await desk.press('Make new recovery codes');
    const codes = desk.page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
    await codes.first().waitFor();
    expect(await codes.first().innerText()).not.toBe(outside.ada.recoveryCodes[1]);
    expect(await outside.ground.entries('person.codes')).toHaveLength(1);
    await desk.go('/duties');
    await desk.go('/people');
    await desk.page.getByRole('button', { name: 'Make new recovery codes' }).waitFor();
    expect(await codes.count()).toBe(0);
  });
});
