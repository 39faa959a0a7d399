import { describe, expect, it } from 'vitest';
import { Copy } from '../copy.ts';
import { SABOTAGES } from '../sabotages.ts';

/** `npm run sabotage`: each control patched out of a copy, one at a time, and doctor run on that copy. */
describe('doctor', () => {
  it('finds nothing wrong with a good copy', async () => {
    const copy = new Copy();
    try {
      expect(await copy.doctor()).toMatchObject({ code: 0, failed: [], report: { ok: true } });
    } finally {
      copy.remove();
    }
  });

  it.each(SABOTAGES)('finds that $what', async (sabotage) => {
    const copy = new Copy();
    try {
      copy.spoil(sabotage);
      const { code, failed } = await copy.doctor();
      expect({ code, failed }).toEqual({ code: 3, failed: expect.arrayContaining([sabotage.finds[0]]) });
    } finally {
      copy.remove();
    }
  });
});
