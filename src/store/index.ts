/** store: what is remembered. store.ts is the contract; sqlite/ keeps it; suite.ts holds every keeper to it. */
export * from './store.ts';
