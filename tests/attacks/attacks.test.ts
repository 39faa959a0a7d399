import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Canary, startCanary } from './canary.ts';
import { startLanyard } from './lanyard.ts';
import { attacksPage } from './page.ts';
import { startPassthrough } from './passthrough.ts';
import { findings } from './play.ts';
import { CLASSES } from './rows/index.ts';

/** The attack table against a real instance: bytes on real sockets, and what of them reaches the servers behind it. */

let canary: Canary;
let lanyard: Awaited<ReturnType<typeof startLanyard>>;
beforeAll(async () => {
  canary = await startCanary();
  lanyard = await startLanyard(canary.url);
}, 60_000);
afterAll(async () => {
  await lanyard?.stop();
  await canary.stop();
});

describe.each(CLASSES)('$title', ({ rows }) => {
  it.each(rows)('$id: $tries', async (attack) => {
    expect(await findings(lanyard, canary, attack)).toEqual([]);
  });
});

describe('the table', () => {
  const rows = CLASSES.flatMap((one) => one.rows);

  it('names each row once, and has rows that must pass', () => {
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThan(600);
    expect(rows.filter(({ control }) => control).length).toBeGreaterThan(15);
  });

  it('finds what is wrong with a gateway that lets everything through', async () => {
    const passthrough = await startPassthrough(canary.url);
    const found: string[] = [];
    for (const attack of rows.filter(({ id }) => /^(header|name|token|result|host)-/.test(id)))
      if (((await findings(passthrough, canary, attack)) ?? []).length > 0) found.push(attack.id);
    await passthrough.stop();
    expect(found.length).toBeGreaterThan(90);
    for (const id of ['header-name-other', 'name-forbidden', 'result-verdict-result', 'token-revoked'])
      expect(found).toContain(id);
  });

  /** After a change of the rows: `npx vitest run tests/attacks --update`. */
  it('is what docs/formats/attacks.md says', async () => {
    const page = fileURLToPath(new URL('../../docs/formats/attacks.md', import.meta.url));
    await expect(attacksPage()).toMatchFileSnapshot(page);
  });
});
