import { compareEngines } from './run-engine.ts';
import { compareWorlds } from './run-worlds.ts';

/** `node tests/oracle/run.ts CASES [SEED]`: as many cases as you have time for. */
const [cases = '100000', seed] = process.argv.slice(2);
const given = seed === undefined ? undefined : Number(seed);
console.log('rules by themselves', compareEngines(Number(cases), given));
console.log('sets in a world', compareWorlds(Number(cases), given));
