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
 * Lets another thread put the engine's questions about these rules, so that a `loadPolicies` of the same that follows
 * finds them answered: with thousands of operations the engine takes seconds and a hundred megabytes that it never gives
 * back, and this thread has calls to answer meanwhile. Few operations are not worth a thread. Never rejects: where the
 * thread fails, the engine is asked when its turn comes. What it said before, it is not asked again.
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
    // It lives for seconds; what it would gather before it tidies up would stay with the process.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  await new Promise<void>((resolve) => {
    worker.once('message', (answers: EngineAnswers) => keepAnswers(answers));
    worker.once('error', () => resolve());
    worker.once('exit', () => resolve());
  });
}
