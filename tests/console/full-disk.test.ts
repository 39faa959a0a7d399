import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildConsole } from '../../scripts/console.mjs';
import { fillDisk, mountSmallDisk, unmount } from '../faults/small-disk.ts';
import { RULES } from '../journeys/operator-ground.ts';
import { OutsideGround } from '../journeys/stop/outside-ground.ts';
import { inChromium, launch } from './browser.ts';
import { Desk } from './desk.ts';

const NO_TELLING = `@id("no-telling") @reason("Nobody tells")
forbid (principal, action == Action::"mcp:box/tell", resource);
`;

/** A disk that is really full: what console and status say of it, and that one press stops an agent all the same. */
inChromium('on a full disk, in Chromium (skipped where there is none)', () => {
  let browser: Browser;
  let outside: OutsideGround;
  let desk: Desk;
  let token: string;
  let mounted: string | null = null;

  beforeAll(async () => {
    expect(buildConsole()).toBe(true);
    outside = await OutsideGround.open((ground) => {
      if (mountSmallDisk(ground.state, 24)) mounted = ground.state;
      ground.write('rules.cedar', `${RULES}${NO_TELLING}`);
      return {};
    });
    token = (await outside.ada.do('/v1/agents/writer/token')).body.token;
    browser = await launch();
    desk = await Desk.open(browser, outside.ada);
  });
  afterAll(async () => {
    await browser?.close();
    await outside?.ground.end();
    if (mounted !== null) unmount(mounted);
    await outside?.ground.remove();
  });

  const filler = () => join(outside.ground.state, 'filler');
  const status = async () => (await outside.ground.run('status')).stdout;

  it('Now and status say that nothing may run, a stop shows at once, and all goes on where there is room again', async ({
    skip,
  }) => {
    if (mounted === null) skip('no file system can be mounted here, so that none can be filled');
    fillDisk(filler());
    // The log has some room of its own, which denials use up: with an allowed call it might be the outcome that finds none.
    while (!(await status()).startsWith('WRONG'))
      for (let i = 0; i < 50; i++) await outside.running.call(token, 'tell');
    expect((await outside.running.call(token, 'look')).text).toContain('STORE_UNAVAILABLE');
    await desk.go('/agents');
    await desk.go('/');
    await desk.sees('so nothing may run. Make room for the state directory');
    expect(await status()).toMatch(/^WRONG: the log cannot be written \(/);

    // Its page cannot be read, and it is stopped there.
    await desk.go('/agents/other');
    await desk.sees('The disk of the state directory is full');
    await desk.press('Freeze now');
    await desk.sees('other is frozen');
    expect(await status()).toContain('STOPPED: agent:other is frozen');
    // What another way stops shows too, though no entry tells of it.
    expect((await outside.ground.run('stop agent:writer')).code).toBe(0);
    await desk.sees('2 are stopped');

    rmSync(filler());
    await expect.poll(status).not.toContain('WRONG');
    await desk.go('/agents');
    await desk.go('/');
    await desk.page.getByText('so nothing may run').waitFor({ state: 'detached' });
    const stops = async () =>
      (await outside.ground.entries('containment.stopped')).map(({ scope }) => scope).slice(-2);
    await expect.poll(stops).toEqual(['agent:other', 'agent:writer']);
  });
});
