/** ledger/verify: the offline verifier. It shares the format with the writer, and no code but that which reads notes. */
export { type BundleOptions, verifyBundle } from './bundle.ts';
export { Proofs } from './proofs.ts';
export { type Fault, type FaultCode, Faults, type OpenAction, type Report } from './report.ts';
export type { CoverageReport, Stretch } from './runs.ts';
export { type StoredCheckpoint, type StoredOptions, verifyStored } from './stored.ts';
export { type TailOptions, type VerifiedTail, verifyTail } from './tail.ts';
