import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildConsole } from '../../scripts/console.mjs';
import { ask } from '../../src/cli/instance.ts';
import { OperatorGround, RULES, type Running } from '../journeys/operator-ground.ts';
import { freePort, PersonAtBrowser } from '../journeys/people-ground.ts';
import { Endpoint } from '../reach/endpoint.ts';
import { violationsOn } from './axe.ts';
import { inChromium, launch } from './browser.ts';
import { Desk } from './desk.ts';

/** The owner sleeps: a question that only she can answer wakes her backup. */

inChromium(
  'whoever is told of a question that is not hers, in Chromium (skipped where there is none)',
  () => {
    let ground: OperatorGround;
    let running: Running;
    let browser: Browser;
    let token: string;
    let grace: Desk;
    let audra: Desk;
    const topic = new Endpoint();

    beforeAll(async () => {
      expect(buildConsole()).toBe(true);
      ground = new OperatorGround();
      const port = await freePort();
      const reach = await topic.listen();
      ground.write(
        'rules.cedar',
        `${RULES}@id("looks") @reason("It looks.") @review("owner")\nforbid (principal, action == Action::"mcp:box/look", resource);\n`,
      );
      ground.write(
        'lanyard.yaml',
        ground.configuration({
          control: `control: 127.0.0.1:${port}`,
          people: `people:
  - { id: ada, name: Ada, roles: [owner, admin] }
  - { id: grace, name: Grace, roles: [owner] }
  - { id: audra, name: Audra, roles: [auditor] }`,
          agents: 'agents: [{ id: writer, owner: ada, backup: grace, purpose: Looks }]',
          approvals: 'approvals: { hold: 0s }',
          notify: `notify:
  people:
    ada: { channels: [{ ntfy: "${reach}/ada" }], quiet: { from: "00:00", to: "23:59", zone: UTC } }
    grace: { channels: [{ ntfy: "${reach}/grace" }] }`,
        }),
      );
      running = await ground.up();
      await running.url();
      token = await ground.token();
      const origin = `http://localhost:${port}`;
      const keys = [0, 1, 2].map(() => new PersonAtBrowser(origin));
      const [ada, her, auditor] = keys as [PersonAtBrowser, PersonAtBrowser, PersonAtBrowser];
      const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as {
        code: string;
      };
      await ada.enrol(code);
      await ada.signIn();
      await ada.settle();
      for (const [id, person] of [
        ['grace', her],
        ['audra', auditor],
      ] as const) {
        const { body } = await ada.do(`/v1/people/${id}/invite`);
        await person.enrol(new URL(body.link).hash.slice(1));
      }
      browser = await launch();
      grace = await Desk.open(browser, her);
      audra = await Desk.open(browser, auditor);
    });
    afterAll(async () => {
      await browser?.close();
      await ground?.remove();
      await topic.close();
    });

    it('reads in the message and on the page whose it is, can take it back, and stands where it says so', async () => {
      expect((await running.call(token, 'look')).text).toContain('APPROVAL_PENDING');
      const [asked] = (await ground.entries('approval.asked')).slice(-1);
      const approval = String(asked?.['approval']);
      await expect.poll(() => topic.arrived.map(({ path }) => path)).toEqual(['/grace']);
      expect(topic.arrived[0]?.headers['title']).toBe('Lanyard: a question waits for ada');
      await audra.question(approval);
      await audra.sees('This waits for ada: nobody else can say yes.');
      await audra.sees('Why people are asked');
      await grace.question(approval);
      await grace.sees('This waits for ada: nobody else can say yes.');
      expect(await grace.page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
      expect(await audra.page.getByRole('button', { name: 'Take the question back' }).count()).toBe(0);
      expect(await violationsOn(grace.page)).toEqual([]);
      await grace.page.getByLabel(/Why you take it back/).fill('ada sleeps');
      await grace.press('Take the question back');
      await grace.sees('It was taken back before anybody had answered.');
      await expect
        .poll(() => grace.page.evaluate<string>('document.activeElement.textContent'))
        .toContain('This question is over.');
      expect(await ground.entries('approval.cancelled')).toMatchObject([
        { approval, reason: 'operator', person: 'grace', why: 'ada sleeps' },
      ]);
    });
  },
);
