import { defineConfig } from 'vitest/config';

/** `npm run faults`: random kills of a real instance; LANYARD_KILLS sets how many (200). LANYARD_STOPS, and LANYARD_SEED for when, of the stops under load. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    hookTimeout: 60_000,
  },
});
