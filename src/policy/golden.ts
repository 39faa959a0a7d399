import { ERRORS, type ErrorCode } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { didYouMean } from '../base/nearest.ts';
import type { Result } from '../base/result.ts';
import type { Target, TargetRef } from '../model/action.ts';
import type { Decision } from '../model/decision.ts';
import { type GoldenCase, readGolden } from './golden-file.ts';
import { loadPolicies } from './load.ts';
import type { PolicySet } from './policy-set.ts';
import type { PolicyFile } from './problem.ts';
import type { World } from './world.ts';

/** What golden cases are decided with. */
export interface GoldenGround {
  readonly files: readonly PolicyFile[];
  readonly world: World;
  /**
   * What an action is done to: the targets a case names, filled in (ancestors, attributes), or derived from its
   * arguments where it names none. Err: a sentence.
   */
  readonly targetsOf: (
    operation: string,
    args: JsonObject,
    named: readonly TargetRef[],
  ) => Result<readonly Target[], string>;
}

export interface GoldenResult {
  readonly title: string;
  readonly line: number;
  readonly ok: boolean;
  /** Where it is not: what was expected and what came, a line each. */
  readonly differences: readonly string[];
}

/** Decides every case of one golden file. A file that cannot be read, or holds no case, fails. */
export function runGolden(text: string, ground: GoldenGround): readonly GoldenResult[] {
  const { cases, problems } = readGolden(text);
  const failed = (line: number, title: string, ...differences: string[]): GoldenResult => ({
    title,
    line,
    ok: false,
    differences,
  });
  if (problems.length > 0) return problems.map(({ line, message }) => failed(line, 'unreadable', message));
  if (cases.length === 0) return [failed(1, 'empty', 'there is no case in this file')];
  const sets = new Map<string, PolicySet | string>();
  return cases.map((each) => {
    const key = each.policies.join();
    const set = sets.get(key) ?? loadFor(each.policies, ground);
    sets.set(key, set);
    if (typeof set === 'string') return failed(each.line, each.title, set);
    const differences = runCase(each, set, ground);
    return { title: each.title, line: each.line, ok: differences.length === 0, differences };
  });
}

/** The rules of the named files alone; a file is named as it is known, or by the end of its path. */
function loadFor(names: readonly string[], ground: GoldenGround): PolicySet | string {
  for (const name of names)
    if (!ground.files.some((file) => isNamed(file.name, name))) return `there is no file of rules "${name}"`;
  const files =
    names.length === 0
      ? ground.files
      : ground.files.filter((file) => names.some((name) => isNamed(file.name, name)));
  const loaded = loadPolicies(files, ground.world);
  if (loaded.ok) return loaded.value;
  const first = loaded.error.find(({ severity }) => severity === 'error');
  return `the rules do not load: ${first?.file}:${first?.line}: ${first?.message}`;
}

function isNamed(file: string, name: string): boolean {
  return file === name || file.endsWith(`/${name}`);
}

function runCase(each: GoldenCase, set: PolicySet, ground: GoldenGround): string[] {
  const operations = ground.world.operations.map(({ id }) => id);
  if (!operations.includes(each.operation))
    return [`there is no operation "${each.operation}"`, ...hint(each.operation, operations)];
  const agents = ground.world.agents.map(({ id }) => id);
  if (!agents.includes(each.agent)) return [`there is no agent "${each.agent}"`, ...hint(each.agent, agents)];
  const { code } = each.expected;
  if (code !== undefined && !isCode(code))
    return [`there is no code "${code}"`, ...hint(code, Object.keys(ERRORS))];
  const targets = ground.targetsOf(each.operation, each.arguments, each.targets);
  if (!targets.ok) return [targets.error];
  const decision = set.decide({
    agent: each.agent,
    level: each.level,
    operation: each.operation,
    targets: targets.value,
    arguments: each.arguments,
    system: {
      nowMs: each.nowMs,
      session: 'golden',
      door: 'mcp',
      marks: each.marks,
      past: { ...each.past, targetsHere: targets.value.length },
      unsure: each.unsure,
    },
  });
  return compare(each, decision, set);
}

function hint(name: string, known: readonly string[]): string[] {
  const near = didYouMean(name, known);
  return near === undefined ? [] : [near];
}

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

function compare({ expected }: GoldenCase, found: Decision, set: PolicySet): string[] {
  const differences: string[] = [];
  const differ = (wanted: string, got: string) => {
    if (wanted !== got) differences.push(`expected ${wanted}`, `found    ${got}`);
  };
  const { code } = expected;
  const foundWho = [...new Set(found.reviews.map(({ who }) => who))];
  differ(
    answerLine(expected.decision, code, expected.who),
    answerLine(found.decision, code === undefined ? undefined : found.code, foundWho),
  );
  if (expected.because !== undefined) {
    const known = new Map(set.rules.map(({ id, file }) => [id, file]));
    const wanted = expected.because.map((reason) => ruleId(reason, known));
    differ(`because ${sorted(wanted)}`, `because ${sorted(found.rules)}`);
  }
  if (expected.trips !== undefined)
    differ(`trips ${expected.trips}`, `trips ${found.trips.at(-1) ?? 'nobody'}`);
  if (differences.length > 0) differences.push(`reason   ${found.reason}`);
  return differences;
}

function answerLine(decision: string, code: string | undefined, who: readonly string[]): string {
  return [decision, code, sorted(who)].filter((part) => part !== undefined && part !== '').join(' ');
}

/** `payments.cedar#limit-500` is the rule `limit-500` where it stands in that file; elsewhere it stays as it is. */
function ruleId(reason: string, known: ReadonlyMap<string, string>): string {
  const hash = reason.lastIndexOf('#');
  const id = reason.slice(hash + 1);
  const file = known.get(id);
  return hash > 0 && file !== undefined && isNamed(file, reason.slice(0, hash)) ? id : reason;
}

function sorted(texts: readonly string[]): string {
  return [...texts].sort().join(', ');
}
