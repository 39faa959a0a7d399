import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leafHash } from './entry.ts';
import { createTree, type Tree } from './tree.ts';

// The inputs and roots of certificate-transparency's reference tests (merkletree/tree_hasher, merkle_tree_test.cc).
const CT_INPUTS = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const CT_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

function grow(tree: Tree, from: number, to: number): Tree {
  for (let i = from; i < to; i++) tree.append(leafHash(`entry ${i}`));
  return tree;
}

/** RFC 6962 §2.1 word for word, on whole leaves: slow, and nothing of tree.ts in it. */
function definition(leaves: readonly Buffer[]): Buffer {
  const sha = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  const [only] = leaves;
  if (only === undefined) return sha();
  if (leaves.length === 1) return sha(Buffer.of(0), only);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha(Buffer.of(1), definition(leaves.slice(0, k)), definition(leaves.slice(k)));
}

test('roots are those of the certificate-transparency reference vectors', () => {
  const tree = createTree();
  expect(tree.root().toString('hex')).toBe(CT_ROOTS[0]);
  for (const [i, input] of CT_INPUTS.entries()) {
    tree.append(leafHash(Buffer.from(input, 'hex')));
    expect(tree.root().toString('hex')).toBe(CT_ROOTS[i + 1]);
  }
});

test('the root is RFC 6962 at every size up to 130', () => {
  const leaves: Buffer[] = [];
  const tree = createTree();
  for (let size = 0; size <= 130; size++) {
    expect(tree.root()).toEqual(definition(leaves));
    leaves.push(Buffer.from(`entry ${size}`));
    grow(tree, size, size + 1);
  }
});

test('a tree goes on from its frontier as if it had never stopped', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), (first, more) => {
      const whole = grow(createTree(), 0, first + more);
      const half = grow(createTree(), 0, first);
      const resumed = grow(createTree(half.size, half.frontier()), first, first + more);
      expect(resumed.root()).toEqual(whole.root());
      expect(resumed.frontier()).toEqual(whole.frontier());
    }),
    { numRuns: 40 },
  );
});

test('a clone that is thrown away leaves the tree as it was', () => {
  const tree = grow(createTree(), 0, 21);
  const before = tree.root();
  grow(tree.clone(), 21, 100);
  expect(tree.size).toBe(21);
  expect(tree.root()).toEqual(before);
  expect(grow(tree.clone(), 21, 40).root()).toEqual(grow(tree, 21, 40).root());
});

test('a frontier that cannot belong to the size is refused', () => {
  expect(() => createTree(3, new Uint8Array(32))).toThrow(RangeError);
  expect(() => createTree(0, new Uint8Array(32))).toThrow(RangeError);
  expect(() => createTree(-1)).toThrow(RangeError);
  expect(() => createTree().append(new Uint8Array(31))).toThrow(RangeError);
});

test('sizes beyond 32 bits keep their subtrees', () => {
  const size = 2 ** 40 + 2 ** 33 + 1;
  const frontier = Buffer.concat([leafHash('a'), leafHash('b'), leafHash('c')]);
  const tree = createTree(size, frontier);
  expect(tree.frontier()).toEqual(frontier);
  tree.append(leafHash('d'));
  expect(tree.size).toBe(size + 1);
  expect(tree.frontier().length).toBe(3 * 32);
});
