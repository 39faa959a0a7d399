import { defineConfig } from 'vitest/config';

/** `npm run sabotage`: every sabotage, some ten seconds each. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 180_000,
    sequence: { concurrent: false },
  },
});
