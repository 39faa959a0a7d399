import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leafHash } from './entry.ts';
import { Prover, type TreeHead, verifyConsistency, verifyInclusion } from './proof.ts';
import { createTree } from './tree.ts';

const hex = (text: string) => Buffer.from(text, 'hex');

// Reference vectors of certificate-transparency (merkle_verifier_test, merkle_tree_test).
const CT_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOT_OF_8 = '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328';
const CT_INCLUSION: readonly (readonly [number, number, readonly string[]])[] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];
const CT_CONSISTENCY: readonly (readonly [number, number, readonly string[]])[] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];

describe('the reference vectors', () => {
  const leaves = CT_LEAVES.map((leaf) => leafHash(hex(leaf)));
  const prover = new Prover(Buffer.concat(leaves));
  const head = (size: number): TreeHead => ({ size, root: prover.root(size) });

  test('root', () => expect(prover.root().toString('hex')).toBe(ROOT_OF_8));
  test.each(CT_INCLUSION)('inclusion of leaf %i in %i', (index, size, proof) => {
    expect(prover.inclusion(index, size).map((h) => h.toString('hex'))).toEqual(proof);
    expect(verifyInclusion(leaves[index] ?? hex(''), index, head(size), proof.map(hex))).toBe(true);
  });
  test.each(CT_CONSISTENCY)('consistency of %i with %i', (from, to, proof) => {
    expect(prover.consistency(from, to).map((h) => h.toString('hex'))).toEqual(proof);
    expect(verifyConsistency(head(from), head(to), proof.map(hex))).toBe(true);
  });
});

const leavesOf = (count: number) => Array.from({ length: count }, (_, i) => leafHash(`entry ${i}`));

describe('every proof up to 70 leaves', () => {
  const all = leavesOf(70);
  const prover = new Prover(Buffer.concat(all));
  const head = (size: number): TreeHead => ({ size, root: prover.root(size) });

  test('roots are those of the appending tree', () => {
    const tree = createTree();
    for (let size = 0; size <= 70; size++) {
      expect(prover.root(size)).toEqual(tree.root());
      tree.append(all[size] ?? Buffer.alloc(32));
    }
  });

  test('inclusion holds for its leaf, its place and its tree alone', () => {
    for (let size = 1; size <= 70; size += 3) {
      for (let index = 0; index < size; index++) {
        const leaf = all[index] ?? hex('');
        const proof = prover.inclusion(index, size);
        expect(verifyInclusion(leaf, index, head(size), proof)).toBe(true);
        expect(verifyInclusion(all[(index + 1) % 70] ?? hex(''), index, head(size), proof)).toBe(false);
        expect(verifyInclusion(leaf, index, { size, root: prover.root(size - 1) }, proof)).toBe(false);
        if (index > 0) expect(verifyInclusion(leaf, index - 1, head(size), proof)).toBe(false);
        expect(verifyInclusion(leaf, index, head(size), [...proof, leaf])).toBe(false);
        if (proof.length > 0) expect(verifyInclusion(leaf, index, head(size), proof.slice(1))).toBe(false);
      }
    }
  });

  test('consistency holds for its two trees alone', () => {
    for (let to = 1; to <= 70; to += 3) {
      for (let from = 0; from <= to; from++) {
        const proof = prover.consistency(from, to);
        expect(verifyConsistency(head(from), head(to), proof)).toBe(true);
        const forged: TreeHead = { size: from, root: leafHash('forged') };
        expect(verifyConsistency(forged, head(to), proof)).toBe(false);
        expect(verifyConsistency(head(from), { size: to, root: leafHash('forged') }, proof)).toBe(from === 0);
        expect(verifyConsistency(head(from), head(to), [...proof, leafHash('x')])).toBe(false);
        for (let i = 0; i < proof.length; i++) {
          const changed = proof.map((h, j) => (i === j ? leafHash('x') : h));
          expect(verifyConsistency(head(from), head(to), changed)).toBe(false);
        }
      }
    }
  });
});

test('hostile proofs are false, not an error', () => {
  const head = { size: 5, root: leafHash('r') };
  const proofs = fc.array(fc.uint8Array({ minLength: 0, maxLength: 40 }), { maxLength: 70 });
  const numbers = fc.oneof(fc.integer(), fc.double(), fc.constant(2 ** 53 - 1), fc.nat(10));
  fc.assert(
    fc.property(numbers, numbers, proofs, (index, size, proof) => {
      expect(verifyInclusion(leafHash('x'), index, { ...head, size }, proof)).toBe(false);
      const from = { size: index, root: leafHash('y') };
      expect(verifyConsistency(from, { ...head, size }, proof)).toBe(false);
    }),
  );
});

test('what a prover cannot prove it does not', () => {
  const prover = new Prover(Buffer.concat(leavesOf(4)));
  expect(() => prover.inclusion(4)).toThrow(RangeError);
  expect(() => prover.inclusion(0, 5)).toThrow(RangeError);
  expect(() => prover.consistency(3, 2)).toThrow(RangeError);
  expect(() => new Prover(new Uint8Array(33))).toThrow(RangeError);
});
