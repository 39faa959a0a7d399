import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  FULL_CHECKS,
  LABORATORY_CHECKS,
  MIRROR_CHECKS,
  OPENING_CHECKS,
  PROGRAM_CHECKS,
} from '../../src/main/doctor/checks.ts';
import { ROOT } from '../source-tree.ts';
import { Copy, patched } from './copy.ts';
import { SABOTAGES } from './sabotages.ts';

/** The quick part of `npm run sabotage`, which tries every one of them. */
describe('sabotages of Lanyard itself', { timeout: 120_000 }, () => {
  it.each(SABOTAGES)('$what: is still there to be patched out, and a check is named for it', (sabotage) => {
    const { file, find, put, finds } = sabotage;
    expect(patched(readFileSync(join(ROOT, file), 'utf8'), file, find, put)).not.toContain(find);
    const known = [
      ...OPENING_CHECKS,
      ...PROGRAM_CHECKS,
      ...LABORATORY_CHECKS,
      ...MIRROR_CHECKS,
      ...FULL_CHECKS,
    ].map(({ id }) => id);
    expect(known).toEqual(expect.arrayContaining([...finds]));
  });

  it('P9 are found by doctor: an action that does not wait for its record', async () => {
    const copy = new Copy();
    try {
      const sabotage = SABOTAGES.find(({ what }) => what === 'an action does not wait for its record');
      if (sabotage === undefined) throw new Error('that sabotage is gone');
      copy.spoil(sabotage);
      const { code, failed } = await copy.doctor();
      expect(code).toBe(3);
      expect(failed).toContain(sabotage.finds[0]);
      // Nothing was ever started on that configuration: its rules are those of what its server was first seen to offer.
      expect(failed.filter((id) => id.startsWith('your-'))).toEqual([]);
    } finally {
      copy.remove();
    }
  });
});
