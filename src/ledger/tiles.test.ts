import { describe, expect, it } from 'vitest';
import { leafHash } from './entry.ts';
import { bundleOf, readTileName, rootOfTile, TILE_WIDTH, widthAt } from './tiles.ts';
import { createTree } from './tree.ts';

describe('a tile', () => {
  it('has one name', () => {
    expect(readTileName('0/000')).toEqual({ level: 0, index: 0, width: 256 });
    expect(readTileName('1/x001/x234/067.p/8')).toEqual({ level: 1, index: 1_234_067, width: 8 });
    expect(readTileName('entries/x002/001')).toEqual({ level: 'entries', index: 2001, width: 256 });
    for (const name of [
      '0/0',
      '0/x000/001',
      '00/001',
      '6/000',
      '0/000.p/0',
      '0/000.p/256',
      '0/000.p/08',
      '-1/000',
      '0/001/002',
      '0/../000',
      '',
    ])
      expect(readTileName(name)).toBeNull();
  });

  it('is as wide as the tree is at its level', () => {
    expect(widthAt(0, { level: 0, index: 0 })).toBe(0);
    expect(widthAt(300, { level: 0, index: 0 })).toBe(256);
    expect(widthAt(300, { level: 0, index: 1 })).toBe(44);
    expect(widthAt(300, { level: 1, index: 0 })).toBe(1);
    expect(widthAt(300, { level: 'entries', index: 1 })).toBe(44);
    expect(widthAt(300, { level: 0, index: 2 })).toBe(0);
  });

  it('above others holds their roots, from which the root of the log follows', () => {
    const leaves = Array.from({ length: 3 * TILE_WIDTH }, (_, i) => leafHash(`entry ${i}`));
    const whole = createTree();
    for (const leaf of leaves) whole.append(leaf);
    const roots = [0, 1, 2].map((i) => rootOfTile(leaves.slice(i * TILE_WIDTH, (i + 1) * TILE_WIDTH)));
    // 768 leaves are a perfect tree of 512 and one of 256.
    expect(rootOfTile([rootOfTile(roots.slice(0, 2)), ...roots.slice(2)])).toEqual(whole.root());
  });

  it('of entries says how long each is, and is none where that cannot be said', () => {
    expect(bundleOf(['ab', 'ü'])?.toString('hex')).toBe('0002616200' + '02c3bc');
    expect(bundleOf(['x'.repeat(65_536)])).toBeNull();
  });
});
