import { defineConfig } from 'vitest/config';

/** `npm run faults`: random kills of a real instance; LANYARD_KILLS sets how many (200). */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    hookTimeout: 60_000,
  },
});
