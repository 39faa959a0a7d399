import { existsSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import { HaltSwitch } from '../pipeline/halt-switch.ts';
import { compileInForce } from '../pipeline/in-force.ts';
import { Pins } from '../pipeline/pins.ts';
import { Tokens } from '../pipeline/tokens.ts';
import { renderProblem } from '../policy/index.ts';
import { openSqlite } from '../store/sqlite/index.ts';
import { recall } from './memory.ts';
import { resolveSet } from './resolve-set.ts';
import { readRuleSet } from './rule-set.ts';
import { stateOf } from './state-of.ts';
import { lineOf, textOf } from './tell.ts';

export interface CheckedFiles {
  readonly rules: number;
  readonly problems: readonly CheckedProblem[];
}

export interface CheckedProblem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** For a terminal: with the line of source and a caret. */
  readonly text: string;
}

/** Everything that `apply` would find in the files as they are on disk, against what is pinned. */
export async function checkFiles(config: string, environment: NodeJS.ProcessEnv): Promise<CheckedFiles> {
  const read = readRuleSet(config);
  if (!read.ok)
    return {
      rules: 0,
      problems: read.error.map((one) => ({ severity: 'error', ...one, text: lineOf(one) })),
    };
  const { set, state, warnings } = read.value;
  const noted: CheckedProblem[] = warnings.map((one) => ({ severity: 'warning', ...one, text: lineOf(one) }));
  const resolved = resolveSet(set, { configPath: config, state, environment });
  if (!resolved.ok) {
    return {
      rules: 0,
      problems: [
        ...noted,
        ...resolved.error.map((one): CheckedProblem => ({ severity: 'error', ...one, text: lineOf(one) })),
      ],
    };
  }
  const inForce = compileInForce(resolved.value.parts, await pinsOf(config), 'error');
  const found = inForce.ok ? inForce.value.policy.warnings : inForce.error;
  const problems = found.map(
    (one): CheckedProblem => ({ ...one, text: renderProblem(one, textOf(set, one.file)) }),
  );
  return { rules: inForce.ok ? inForce.value.policy.rules.length : 0, problems: [...noted, ...problems] };
}

async function pinsOf(config: string): Promise<Pins> {
  const pins = new Pins();
  const state = stateOf(config);
  if (!existsSync(state.log)) return pins;
  const store = await openSqlite(state.log, { readOnly: true });
  await recall(store, { pins, halt: new HaltSwitch(), tokens: new Tokens(systemClock) });
  await store.close();
  return pins;
}
