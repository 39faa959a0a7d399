import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Copy } from '../copy.ts';
import { SABOTAGES } from '../sabotages.ts';

/** `npm run sabotage`: each control patched out of a copy, one at a time, and doctor run on that copy. */
describe('doctor', () => {
  // One for all: what it has compiled is compiled once.
  const copy = new Copy();
  afterEach(() => copy.mend());
  afterAll(() => copy.remove());

  it('finds nothing wrong with a good copy', async () => {
    expect(await copy.doctor()).toMatchObject({ code: 0, failed: [], report: { ok: true } });
  });

  it.each(SABOTAGES)('finds that $what', async (sabotage) => {
    copy.spoil(sabotage);
    const { code, failed } = await copy.doctor();
    expect({ code, failed }).toEqual({ code: 3, failed: expect.arrayContaining([sabotage.finds[0]]) });
  });
});
