/** store: what is remembered. store.ts is the contract; sqlite/ keeps it; suite.ts holds every keeper to it. */
export { acquireLock, type Lock } from './lock.ts';
export * from './store.ts';
