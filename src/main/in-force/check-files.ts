import { existsSync } from 'node:fs';
import { systemClock } from '../../base/clock.ts';
import { Marks } from '../../history/index.ts';
import { Pins } from '../../pipeline/action/pins.ts';
import { Tokens } from '../../pipeline/credentials/tokens.ts';
import { compileInForce } from '../../pipeline/in-force.ts';
import { HaltSwitch } from '../../pipeline/stop/halt-switch.ts';
import { renderProblem } from '../../policy/index.ts';
import { openSqlite } from '../../store/sqlite/index.ts';
import { nobody, recall } from '../memory.ts';
import { type StateDirectory, stateDirectory } from '../state-directory.ts';
import { lineOf, textOf } from '../tell.ts';
import { readFiles } from './read-files.ts';
import type { FileProblem } from './rule-set.ts';

interface CheckedFiles {
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
  const files = readFiles({ configPath: config, environment, withoutSecrets: true });
  const shown = (severity: CheckedProblem['severity']) => (one: FileProblem) => ({
    severity,
    ...one,
    text: lineOf(one),
  });
  if (!files.ok) return { rules: 0, problems: files.error.map(shown('error')) };
  const { resolved, warnings, state } = files.value;
  const inForce = compileInForce(resolved.parts, await pinsOf(stateDirectory(state)), 'error');
  const found = inForce.ok ? inForce.value.policy.warnings : inForce.error;
  const problems = found.map(
    (one): CheckedProblem => ({ ...one, text: renderProblem(one, textOf(resolved.set, one.file)) }),
  );
  return {
    rules: inForce.ok ? inForce.value.policy.rules.length : 0,
    problems: [...warnings.map(shown('warning')), ...problems],
  };
}

async function pinsOf(state: StateDirectory): Promise<Pins> {
  const pins = new Pins();
  if (!existsSync(state.log)) return pins;
  const store = await openSqlite(state.log, { readOnly: true });
  const beside = {
    halt: new HaltSwitch(),
    marks: new Marks(),
    tokens: new Tokens(systemClock),
    ...nobody(systemClock),
  };
  await recall(store, { pins, ...beside }, systemClock.now());
  await store.close();
  return pins;
}
