/**
 * store: what is remembered. store.ts is the contract, with what a keeper promises (S1 to S7) and how it fails; sqlite/ keeps
 * it; suite.ts holds every keeper to it.
 */
export { acquireLock, type Lock } from './lock.ts';
export * from './store.ts';
