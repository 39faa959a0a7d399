import type { KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { signCheckpoint } from './checkpoint.ts';
import { leafHash } from './entry.ts';
import { parseVerifierKey } from './note.ts';
import { Prover } from './proof.ts';
import { createSigner } from './signer.ts';
import { createTree } from './tree.ts';

/**
 * Our checkpoints and inclusion proofs before somebody else's eyes: the verifier of sigstore, which npm itself uses for
 * provenance. Its parts are not exported by name; these are their files in @sigstore/verify 3.1.1.
 */
interface Entry {
  readonly canonicalizedBody: Buffer;
  readonly inclusionProof: {
    readonly logIndex: string;
    readonly treeSize: string;
    readonly rootHash: Buffer;
    readonly hashes: readonly Buffer[];
    readonly checkpoint: { readonly envelope: string };
  };
}
interface Head {
  readonly origin: string;
  readonly logSize: bigint;
  readonly logHash: Buffer;
}
interface Authority {
  readonly logID: Buffer;
  readonly baseURL: string;
  readonly publicKey: KeyObject;
}
const require = createRequire(import.meta.url);
const { verifyCheckpoint } = require('@sigstore/verify/dist/tlog/checkpoint.js') as {
  /** Throws unless one of the authorities signed the note. */
  verifyCheckpoint(entry: Entry, authorities: readonly Authority[]): Head;
};
const { verifyMerkleInclusion } = require('@sigstore/verify/dist/tlog/merkle.js') as {
  /** Throws unless the proof leads from the body to the head. */
  verifyMerkleInclusion(entry: Entry, head: Head): void;
};

const ORIGIN = 'lanyard.example/main';
const signer = createSigner(ORIGIN);
const texts = Array.from({ length: 77 }, (_, seq) => `{"kind":"instance.gap","seq":${seq}}`);
const leaves = texts.map((text) => leafHash(text));
const prover = new Prover(Buffer.concat(leaves));

function authority(of = signer): Authority {
  const key = parseVerifierKey(of.verifierKey);
  if (!key.ok) throw new Error(key.error);
  return { logID: Buffer.from(key.value.id, 'hex'), baseURL: ORIGIN, publicKey: key.value.publicKey };
}

/** What an auditor would be handed about one entry: its text, a proof, and the signed checkpoint. */
function evidence(index: number, size: number, note = noteAt(size)): Entry {
  return {
    canonicalizedBody: Buffer.from(texts[index] ?? ''),
    inclusionProof: {
      logIndex: String(index),
      treeSize: String(size),
      rootHash: prover.root(size),
      hashes: prover.inclusion(index, size),
      checkpoint: { envelope: note },
    },
  };
}

function noteAt(size: number): string {
  const tree = createTree();
  for (const leaf of leaves.slice(0, size)) tree.append(leaf);
  return signCheckpoint(signer, ORIGIN, size, tree.root());
}

describe('the verifier of sigstore', () => {
  test('accepts our checkpoints', () => {
    for (const size of [1, 2, 3, 64, 77]) {
      const head = verifyCheckpoint(evidence(0, size), [authority()]);
      expect(head).toMatchObject({ origin: ORIGIN, logSize: BigInt(size) });
      expect(head.logHash).toEqual(prover.root(size));
    }
  });

  test('refuses them when changed, or with another key', () => {
    const note = noteAt(77);
    expect(() =>
      verifyCheckpoint(evidence(0, 77, note.replace('\n77\n', '\n76\n')), [authority()]),
    ).toThrow();
    expect(() => verifyCheckpoint(evidence(0, 77), [authority(createSigner(ORIGIN))])).toThrow();
  });

  test('accepts a proof of every entry in trees of many sizes, and of no other entry', () => {
    for (const size of [1, 2, 3, 5, 8, 31, 64, 77]) {
      const head = verifyCheckpoint(evidence(0, size), [authority()]);
      for (let index = 0; index < size; index++) {
        const entry = evidence(index, size);
        verifyMerkleInclusion(entry, head);
        const another = { ...entry, canonicalizedBody: Buffer.from(texts[index + 1] ?? 'none') };
        expect(() => verifyMerkleInclusion(another, head)).toThrow();
      }
    }
  });
});
