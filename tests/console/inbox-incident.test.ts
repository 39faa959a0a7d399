import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildConsole } from '../../scripts/console.mjs';
import type { Body, PersonAtBrowser } from '../journeys/people-ground.ts';
import { OutsideGround } from '../journeys/stop/outside-ground.ts';
import { raw } from '../journeys/tasks/ground.ts';
import { ROOT } from '../source-tree.ts';
import { inChromium, launch, SIZES } from './browser.ts';
import { Desk } from './desk.ts';

/**
 * An assistant that was told to propose deletions goes on deleting, while its owner types STOP on a phone. Here: more than
 * ten in a minute stop it before anybody looks, and one press on a phone-sized page stops whatever else of hers deletes.
 */

/** As careless as the owner was: mail may be deleted. */
const RULES = `@id("tidies") @need("It sorts her mail")
permit (principal, action in Action::"upstream:mail", resource);
`;
const CATALOG = `catalog: mail
operations:
  read: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }
  trash: { risk: draft, effect: [delete], reversibility: irreversible, audience: self, worst: A mail is lost, targets: [{ type: Mail, id: "{id}" }] }
  linger: { risk: draft, effect: [delete], reversibility: irreversible, audience: self, worst: A mail is lost, targets: [{ type: Mail, id: "{id}" }] }
`;
/** What the breaker lets pass within a minute. */
const MOST = 10;
const MAILS = 200;

inChromium('incident 3, the inbox, on a page 360 px wide in Chromium (skipped where there is none)', () => {
  let browser: Browser;
  let outside: OutsideGround;
  const tokens = { writer: '', other: '' };

  beforeAll(async () => {
    expect(buildConsole()).toBe(true);
    outside = await OutsideGround.open((ground) => {
      mkdirSync(join(ground.directory, 'mails'));
      for (let n = 0; n < MAILS; n++) writeFileSync(join(ground.directory, 'mails', `mail-${n}`), 'Dear Ada');
      ground.write('rules.cedar', RULES);
      ground.write('catalog.yaml', CATALOG);
      const mail = {
        command: [join(ROOT, 'node_modules/node/bin/node'), join(ROOT, 'tests/console/notes.mjs')],
        env: { NOTES: join(ground.directory, 'mails'), ARRIVED: join(ground.directory, 'arrived') },
        catalog: 'mail',
      };
      return { upstreams: `upstreams: { mail: ${JSON.stringify(mail)} }`, packs: 'packs: [breakers]' };
    });
    for (const agent of ['writer', 'other'] as const)
      tokens[agent] = (await outside.ada.do(`/v1/agents/${agent}/token`)).body.token;
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await outside?.ground.remove();
  });

  async function remove(agent: keyof typeof tokens, id: string, name = 'trash'): Promise<string> {
    const at = { url: await outside.running.url(), token: tokens[agent], upstream: 'mail' };
    const { result } = await raw(at, 'tools/call', { name, arguments: { id } }, {});
    const { code } = (result as Body)._meta?.['dev.lanyard/decision'] ?? {};
    return code ?? ((result as Body).isError === undefined && 'content' in result ? 'ran' : 'failed');
  }
  /** Deletions as the server of the mail saw them arrive. */
  const arrived = () =>
    readFileSync(join(outside.ground.directory, 'arrived'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('trash') || line.startsWith('linger'));
  const levelOf = async (agent: string) =>
    ((await outside.ada.get(`/v1/agents/${agent}`)).body as Body).agent.level;

  it('P4 the eleventh deletion within a minute stops the agent by itself, however many it has under way', async () => {
    for (let n = 0; n < MOST; n++) expect(await remove('writer', `mail-${n}`)).toBe('ran');
    const ends: string[] = [];
    for (let n = MOST; n < MAILS / 2; n += 10)
      ends.push(
        ...(await Promise.all(Array.from({ length: 10 }, (_, i) => remove('writer', `mail-${n + i}`)))),
      );
    expect(ends).not.toContain('ran');
    expect(arrived()).toHaveLength(MOST);
    expect(ends.at(-1)).toBe('FROZEN');
    expect(await levelOf('writer')).toBe('frozen');
    expect(await outside.ground.entries('containment.tripped')).toMatchObject([
      { scope: 'agent:writer', level: 'frozen', rules: ['breaker-burst-of-deletions'] },
    ]);
    expect(await levelOf('other')).toBe('live');
  });

  it('the link of the page about it leads to why it was stopped and where it is released, and ends once she has seen it', async () => {
    const [alert] = ((await outside.ada.get('/v1/alerts')).body as Body).alerts;
    expect(alert).toMatchObject({ subject: 'tripped', agent: 'writer', page: true });
    const desk = await Desk.open(browser, outside.ada);
    await desk.go(`/alerts/${alert.id}`);
    await desk.sees('A breaker tripped');
    await desk.page.getByRole('link', { name: 'The case of agent:writer' }).click();
    await desk.sees('breaker-burst-of-deletions');
    await desk.page.getByText('It stays so until a person releases it').getByRole('link').click();
    await desk.page.getByRole('heading', { name: 'writer', level: 1 }).waitFor();
    await desk.go(`/alerts/${alert.id}`);
    await desk.press('I have seen it');
    await desk.sees('Nothing is left of it');
    expect(await outside.ground.entries('alert.acknowledged')).toMatchObject([
      { alert: alert.id, by: 'person', person: 'ada' },
    ]);
    await desk.page.context().close();
  });

  it('P4 one press on a phone stops the other in the middle of a deletion, and none is sent after that', async () => {
    const page = await (await browser.newContext({ viewport: SIZES.phone })).newPage();
    await page.goto(`http://127.0.0.1:${outside.brake}/stop#${outside.key}`);
    expect(await remove('other', 'mail-150')).toBe('ran');
    // Slow enough for the breaker to let it go on, and the next is under way at the server when the owner has had enough.
    const underWay = remove('other', 'mail-151', 'linger');
    await expect.poll(() => arrived().at(-1)).toBe('linger mail-151');
    const sent = arrived().length;
    await page.getByRole('button', { name: 'Stop everything' }).click();
    await page.getByText('Everything is frozen.').first().waitFor();
    expect(await underWay).not.toBe('ran');
    const tries = Array.from({ length: 40 }, (_, n) => remove('other', `mail-${160 + n}`));
    expect(new Set(await Promise.all(tries))).toEqual(new Set(['FROZEN']));
    expect(arrived()).toHaveLength(sent);
    const [cut] = (await outside.ground.entries('action.outcome')).slice(-1);
    expect(cut).toMatchObject({ outcome: 'unknown', agent: 'other' });
    await page.getByText('Recorded in the log.').first().waitFor();
  });

  it('what both did since stands in cases for the owner, and the log verifies', async () => {
    const owner: PersonAtBrowser = outside.ada;
    const cases = (await owner.get('/v1/cases')).body as Body[];
    expect(cases.map(({ scope }) => scope)).toEqual(expect.arrayContaining(['agent:writer', 'all']));
    expect((await outside.ground.run('log verify --deep')).code).toBe(0);
  });
});
