import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import SlowFirst from './scripts/slow-first.mjs';

/**
 * `npm test` runs everything that needs nothing from outside. The opt-in suites (`tests/agents`: real agent
 * programs; `tests/servers`: real servers; `npm run faults`: 200 random kills) have a configuration of their own beside them.
 */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      'tests/agents/**',
      'tests/lists/**',
      'tests/servers/**',
      'tests/faults/long/**',
      'tests/sabotage/all/**',
    ],
    setupFiles: ['./tests/setup.ts'],
    // As ./lanyard does: the many command lines and instances that tests start take half as long.
    env: {
      NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/tests'),
      // What command lines keep with the user is not to be kept with whoever runs the tests.
      XDG_STATE_HOME: join(import.meta.dirname, 'node_modules/.cache/tests-user'),
    },
    pool: 'forks',
    // One more than there are processors: for a fifth of its time a worker waits for a disk, a limit or an end.
    maxWorkers: availableParallelism() + 1,
    // One process reads what it needs once, for file after file: to read 800 modules anew for each took a third of the
    // processor's time. So no file may leave anything behind in a module, in `process` or in a global.
    isolate: false,
    restoreMocks: true,
    sequence: { sequencer: SlowFirst },
    // Against what hangs, not against what is slow: a loaded machine takes five times as long.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000, interval: 50 } },
    reporters: ['default', './scripts/closing-line.mjs'],
  },
});
