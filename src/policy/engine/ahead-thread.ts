import { parentPort, workerData } from 'node:worker_threads';
import { loadPolicies } from '../load.ts';
import type { AheadTask } from './ahead.ts';
import { answersGiven } from './engine-answers.ts';

/** The thread of ahead.ts: loads the rules, for what the engine says on the way. */
const { files, world, options } = workerData as AheadTask;
loadPolicies(files, world, options);
parentPort?.postMessage(answersGiven());
