import { isJsonObject, type JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { parseRule } from './engine/cedar.ts';
import type { EngineComplaint } from './engine/engine-answers.ts';
import { checkNames, type LookAtTarget, type Names, namesOf } from './names.ts';
import { type PolicyFile, type PolicyProblem, problemAt } from './problem.ts';
import { type Annotations, RESERVED_IDS, readAnnotations } from './text/annotations.ts';
import { type RuleSource, split } from './text/split.ts';
import type { World } from './world.ts';

/**
 * What to do about a rule that does not fit the arguments of some operation, and about one that names an operation no longer
 * offered. `error` (for apply and check): the set is refused. `hide` (for a start, where the set is in force already): only a
 * warning, but the operation is hidden, and denied with RULE_DOES_NOT_FIT.
 */
export type OnMisfit = 'error' | 'hide';

export interface LoadOptions {
  /** Absent: `error`. */
  readonly misfits?: OnMisfit;
  /** Used to warn of a rule about a target that can never exist. */
  readonly lookAtTarget?: LookAtTarget;
}

/** A rule that was parsed and checked by itself, before it is checked against the schema. */
export interface ReadRule {
  readonly source: RuleSource;
  readonly json: JsonObject;
  readonly id: string;
  readonly annotations: Annotations;
  /** Operations that it names of upstreams that were never connected yet. */
  readonly dormant: readonly string[];
  /** Whether its scope names such operations alone. */
  readonly sleeps: boolean;
}

/** The rule that no file can remove: an operation that no catalog classifies needs the owner of its agent each time. */
const UNCLASSIFIED = `@id("${RESERVED_IDS}unclassified")
@reason("Nobody has said yet what this operation can do, so its owner decides each time.")
@review("owner")
forbid (principal, action in Action::"risk:unclassified", resource);
`;

/** Lanyard's own rules: UNCLASSIFIED, and a permit for each thing that the configuration lets an upstream ask. */
function builtIn(world: World): PolicyFile {
  const granted = world.operations.filter((operation) => operation.granted === true);
  const permits = granted.map(
    ({ id }) => `@id("${RESERVED_IDS}may/${id}")
@need("A person wrote it under may in the configuration")
permit (principal, action == Action::${JSON.stringify(id)}, resource);
`,
  );
  return { name: 'built-in', text: [UNCLASSIFIED, ...permits].join('') };
}

/**
 * Reads every rule of the files, and Lanyard's own, each by itself. `rules`: all that could be read. `sound`: those of them
 * without an error, each id once. `problems`: what is wrong with any rule, also with those that could not be read.
 */
export function readRules(
  files: readonly PolicyFile[],
  world: World,
  { misfits, lookAtTarget }: LoadOptions,
): { rules: ReadRule[]; sound: ReadRule[]; problems: PolicyProblem[] } {
  const problems: PolicyProblem[] = [];
  const rules: ReadRule[] = [];
  const sound: ReadRule[] = [];
  const taken = new Set<string>();
  const names = namesOf(world);
  const own = builtIn(world);
  const inForce = misfits === 'hide';
  for (const file of [own, ...files]) {
    if (Buffer.byteLength(file.text) > LIMITS.policyFileBytes) {
      problems.push(problemAt(file, 0, `a file of rules is at most ${LIMITS.policyFileBytes} bytes long`));
      continue;
    }
    const parts = split(file);
    problems.push(...parts.problems);
    for (const source of parts.rules) {
      const before = problems.length;
      const rule = readRule(source, world, names, { inForce, isOwn: file === own, lookAtTarget }, problems);
      if (rule === undefined) continue;
      const isSound = !problems.slice(before).some(({ severity }) => severity === 'error');
      if (isSound && !taken.has(rule.id)) sound.push(rule);
      taken.add(rule.id);
      rules.push(rule);
    }
  }
  if (rules.length > LIMITS.rules) {
    const last = rules[LIMITS.rules]?.source;
    if (last !== undefined)
      problems.push(problemAt(last.file, last.start, `there are more than ${LIMITS.rules} rules`));
  }
  checkUnique(rules, problems);
  return { rules, sound: rules.length > LIMITS.rules ? [] : sound, problems };
}

interface ReadTerms {
  readonly inForce: boolean;
  readonly isOwn: boolean;
  readonly lookAtTarget: LookAtTarget | undefined;
}

function readRule(
  source: RuleSource,
  world: World,
  names: Names,
  { inForce, isOwn, lookAtTarget }: ReadTerms,
  problems: PolicyProblem[],
): ReadRule | undefined {
  const hung = readAnnotations(source, world, inForce);
  const named = checkNames(source, names, inForce, lookAtTarget);
  const found = [...checkTokens(source), ...hung.problems, ...named.problems];
  const id = hung.annotations.id ?? `${source.file.name}:${source.line}`;
  if (id.startsWith(RESERVED_IDS) && !isOwn)
    found.push(problemAt(source.file, source.start, `ids beginning "${RESERVED_IDS}" are Lanyard's own`));
  problems.push(...found);
  if (source.temporal.length > 0) return undefined;
  const parsed = parseRule(textOf(source));
  if (!parsed.ok) {
    problems.push(...parsed.error.map((complaint) => locate(source, complaint)));
    return undefined;
  }
  const json = parsed.value;
  if (!agrees(source, json)) {
    problems.push(problemAt(source.file, source.start, 'this rule is not understood'));
    return undefined;
  }
  const sleeps = namesOnly(json, new Set(named.dormant));
  if (sleeps)
    problems.push(
      problemAt(source.file, source.start, 'this rule is dormant: what it names was never connected yet', {
        severity: 'warning',
      }),
    );
  return { source, json, id, annotations: hung.annotations, dormant: named.dormant, sleeps };
}

/** Whether our reading of a rule and the official one see the same effect, annotations and number of clauses. */
function agrees(source: RuleSource, json: JsonObject): boolean {
  const annotations = isJsonObject(json['annotations']) ? json['annotations'] : {};
  const conditions = json['conditions'];
  return (
    json['effect'] === source.effect &&
    Object.keys(annotations).length === source.annotations.length &&
    source.annotations.every(({ name, value }) => annotations[name] === value) &&
    Array.isArray(conditions) &&
    conditions.length === source.clauses.length
  );
}

/** What the official parser would not say, or would say less clearly. */
export function checkTokens(source: RuleSource): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  for (const { start } of source.temporal)
    problems.push(problemAt(source.file, start, 'temporal conditions come with history'));
  for (const [at, token] of source.tokens.entries()) {
    if (token.kind === 'integer' && BigInt(token.text) > 2n ** 53n)
      problems.push(
        problemAt(source.file, token.start, `the number ${token.text} lies beyond 2^53`, {
          hint: 'arguments never hold such a number; compare with a smaller one',
        }),
      );
    if (token.kind === 'other')
      problems.push(problemAt(source.file, token.start, 'this character means nothing in a rule'));
    const slot = source.tokens[at + 1];
    if (token.text === '?' && token.kind === 'sign')
      problems.push(
        problemAt(source.file, token.start, `templates (?${slot?.text ?? ''}) are not accepted`, {
          hint: 'write the rule for one agent or team',
        }),
      );
    // JavaScript gives this name to something else, and no argument can have it.
    if (token.text === '__proto__' || token.text === '"__proto__"')
      problems.push(problemAt(source.file, token.start, 'names beginning "__" are reserved'));
  }
  return problems;
}

/** The rule's own text. */
export function textOf({ file, start, end }: RuleSource): string {
  return file.text.slice(start, end);
}

/** A complaint of the official engine, by its place in the file. */
export function locate(source: RuleSource, complaint: EngineComplaint): PolicyProblem {
  const before = Buffer.from(textOf(source), 'utf8').subarray(0, complaint.atByte).toString('utf8');
  return problemAt(source.file, source.start + before.length, complaint.message, { hint: complaint.hint });
}

function namesOnly(json: JsonObject, dormant: ReadonlySet<string>): boolean {
  if (dormant.size === 0) return false;
  const action = Object(json['action']);
  const entities: unknown[] = Array.isArray(action.entities) ? action.entities : [action.entity];
  return entities.every((entity) => dormant.has(String(Object(entity).id)));
}

function checkUnique(rules: readonly ReadRule[], problems: PolicyProblem[]): void {
  const first = new Map<string, ReadRule>();
  for (const rule of rules) {
    const other = first.get(rule.id);
    if (other === undefined) first.set(rule.id, rule);
    else {
      const place = `${other.source.file.name}:${other.source.line}`;
      const hint = rule.annotations.id === undefined ? 'give each rule on this line an @id' : undefined;
      problems.push(
        problemAt(rule.source.file, rule.source.start, `the id "${rule.id}" is taken (${place})`, {
          hint,
        }),
      );
    }
  }
}
