import { defineConfig } from 'vitest/config';

/** `npm run test:lists`: what servers from npm really list, beside the facts that their catalogs are held to. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 60_000,
  },
});
