/** ledger: the log's bytes: entries, the tree over them, signed checkpoints, proofs, and the offline verifier. Pure. */
export * from './bundle.ts';
export * from './checkpoint.ts';
export * from './entry.ts';
export { type NoteFault, openNote, parseVerifierKey, type VerifierKey } from './note.ts';
export { Prover, type TreeHead, verifyConsistency, verifyInclusion } from './proof.ts';
export * from './signer.ts';
export * from './tree.ts';
export * from './verify/index.ts';
export { readWitnessed, splitNotes, type Witnessed } from './witnessed.ts';
