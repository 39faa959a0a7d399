import { Worker } from 'node:worker_threads';
import { LIMITS } from '../../base/limits.ts';
import { loadPolicies } from '../load.ts';
import type { PolicyFile } from '../problem.ts';
import type { LoadOptions } from '../read-rules.ts';
import type { World } from '../world.ts';
import { type EngineAnswers, keepAnswers, withoutEngine } from './engine-answers.ts';

/** What the thread is given: everything that the rules are checked against, as plain values. */
export interface AheadTask {
  readonly files: readonly PolicyFile[];
  readonly world: World;
  readonly options: LoadOptions;
}

/**
 * Lets another thread ask the engine about these rules first, so that a `loadPolicies` of the same rules that follows
 * finds the answers. With thousands of operations the engine takes seconds, and a hundred megabytes that it never gives
 * back, and this thread has calls to answer meanwhile. Few operations are not worth a thread. Never rejects: where the
 * thread fails, the engine is asked when its turn comes. What the engine said before, it is not asked again.
 */
export async function checkAhead(
  files: readonly PolicyFile[],
  world: World,
  options: LoadOptions,
): Promise<void> {
  if (world.operations.length < LIMITS.aheadOperations) return;
  if (withoutEngine(() => loadPolicies(files, world, options)) !== null) return;
  const task: AheadTask = { files, world, options };
  const worker = new Worker(new URL('./ahead-thread.ts', import.meta.url), {
    workerData: task,
    name: 'rules',
    // The thread lives for seconds; garbage that it would gather before a collection would stay with the process.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  await new Promise<void>((resolve) => {
    worker.once('message', (answers: EngineAnswers) => keepAnswers(answers));
    worker.once('error', () => resolve());
    worker.once('exit', () => resolve());
  });
}
