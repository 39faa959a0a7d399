import { canonicalize } from '../base/canonical.ts';
import { digestOf } from '../base/hash.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';
import { parseRule, validateRules } from './engine/cedar.ts';
import type { EngineComplaint } from './engine/engine-answers.ts';
import { findMisfits, type Misfits } from './engine/misfits.ts';
import { checkNames, type LookAtTarget, type Names, namesOf } from './names.ts';
import { createPolicySet, type PolicySet } from './policy-set.ts';
import { type PolicyFile, type PolicyProblem, problemAt } from './problem.ts';
import { compileRule, type Rule } from './rule.ts';
import { buildSchema, checkWorld, schemaDigest } from './schema/schema.ts';
import { shapeOfInput } from './schema/shape.ts';
import { type Annotations, RESERVED_IDS, readAnnotations } from './text/annotations.ts';
import { admitsAction, readScope } from './text/scope.ts';
import { type RuleSource, split } from './text/split.ts';
import type { World } from './world.ts';

export interface LoadOptions {
  /**
   * What becomes of a rule that does not fit the arguments of some operation, and of one that names an operation no
   * longer offered. `error` (apply, check): the set is refused. `hide` (start: the set is in force already): a
   * warning; such an operation is hidden and denied with RULE_DOES_NOT_FIT.
   */
  readonly misfits?: 'error' | 'hide';
  /** Warns of a rule about a target that there can never be. */
  readonly lookAtTarget?: LookAtTarget;
}

/** A rule that was parsed and checked by itself. */
interface Draft {
  readonly source: RuleSource;
  readonly json: JsonObject;
  readonly id: string;
  readonly annotations: Annotations;
  readonly dormant: readonly string[];
  /** Whether its scope names only operations that are not there. */
  readonly sleeps: boolean;
}

/** The rule that no file can remove: what no catalog classifies needs its owner (PLAN §6). */
const UNCLASSIFIED = `@id("${RESERVED_IDS}unclassified")
@reason("Nobody has said yet what this operation can do, so its owner decides each time.")
@review("owner")
forbid (principal, action in Action::"risk:unclassified", resource);
`;

/** Lanyard's own rules: that one, and a permit for each thing that the configuration lets an upstream ask. */
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

/** Reads, checks and compiles rules. Error: every problem found, warnings among them. */
export function loadPolicies(
  files: readonly PolicyFile[],
  world: World,
  options: LoadOptions = {},
): Result<PolicySet, readonly PolicyProblem[]> {
  const complaints = checkWorld(world);
  if (complaints.length > 0)
    return err(
      complaints.map((message) => ({ severity: 'error', file: 'catalog', line: 1, column: 1, message })),
    );
  const inForce = options.misfits === 'hide';
  const { drafts, problems } = readFiles(files, world, options);
  if (!problems.some(isError)) {
    const shapes = new Map(world.operations.map((operation) => [operation.id, shapeOfInput(operation)]));
    const operations = world.operations.map((operation) => ({
      operation,
      shape: shapes.get(operation.id) ?? shapeOfInput(operation),
    }));
    const schema = buildSchema(world, operations, new Set(drafts.flatMap(({ dormant }) => dormant)));
    const misfits = new Map<string, readonly string[]>();
    problems.push(...validate(drafts, world, schema, inForce, misfits));
    if (!problems.some(isError)) {
      const rules = compileAll(drafts, problems);
      if (!problems.some(isError)) {
        const digest = digestOf(
          canonicalize({
            rules: rules.map(({ id, canonical }) => [id, canonical]),
            schema: schemaDigest(schema),
          }),
        );
        return ok(createPolicySet({ digest, rules, warnings: problems, world, shapes, misfits, schema }));
      }
    }
  }
  return err(problems);
}

/** What is wrong with the text of rules, whatever they are about: for where it cannot be told what they may name. */
export function syntaxProblems(files: readonly PolicyFile[]): PolicyProblem[] {
  return files.flatMap((file) => {
    const { rules, problems } = split(file);
    const inRules = rules.flatMap((source) => {
      const parsed = source.temporal.length > 0 ? ok({}) : parseRule(textOf(source));
      const complaints = parsed.ok ? [] : parsed.error.map((complaint) => locate(source, complaint));
      return [...checkTokens(source), ...complaints];
    });
    return [...problems, ...inRules].filter(isError);
  });
}

/** The problems of some files, warnings included; empty when there are none. */
export function checkPolicies(
  files: readonly PolicyFile[],
  world: World,
  options: LoadOptions = {},
): readonly PolicyProblem[] {
  const loaded = loadPolicies(files, world, options);
  return loaded.ok ? loaded.value.warnings : loaded.error;
}

function isError(problem: PolicyProblem): boolean {
  return problem.severity === 'error';
}

function readFiles(
  files: readonly PolicyFile[],
  world: World,
  { misfits, lookAtTarget }: LoadOptions,
): { drafts: Draft[]; problems: PolicyProblem[] } {
  const problems: PolicyProblem[] = [];
  const drafts: Draft[] = [];
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
      const draft = readRule(source, world, names, { inForce, isOwn: file === own, lookAtTarget }, problems);
      if (draft !== undefined) drafts.push(draft);
    }
  }
  if (drafts.length > LIMITS.rules) {
    const last = drafts[LIMITS.rules]?.source;
    if (last !== undefined)
      problems.push(problemAt(last.file, last.start, `there are more than ${LIMITS.rules} rules`));
  }
  checkUnique(drafts, problems);
  return { drafts, problems };
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
): Draft | undefined {
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
function checkTokens(source: RuleSource): PolicyProblem[] {
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

function textOf({ file, start, end }: RuleSource): string {
  return file.text.slice(start, end);
}

function locate(source: RuleSource, complaint: EngineComplaint): PolicyProblem {
  const before = Buffer.from(textOf(source), 'utf8').subarray(0, complaint.atByte).toString('utf8');
  return problemAt(source.file, source.start + before.length, complaint.message, { hint: complaint.hint });
}

function namesOnly(json: JsonObject, dormant: ReadonlySet<string>): boolean {
  if (dormant.size === 0) return false;
  const action = Object(json['action']);
  const entities: unknown[] = Array.isArray(action.entities) ? action.entities : [action.entity];
  return entities.every((entity) => dormant.has(String(Object(entity).id)));
}

function checkUnique(drafts: readonly Draft[], problems: PolicyProblem[]): void {
  const first = new Map<string, Draft>();
  for (const draft of drafts) {
    const other = first.get(draft.id);
    if (other === undefined) first.set(draft.id, draft);
    else {
      const place = `${other.source.file.name}:${other.source.line}`;
      const hint = draft.annotations.id === undefined ? 'give each rule on this line an @id' : undefined;
      problems.push(
        problemAt(draft.source.file, draft.source.start, `the id "${draft.id}" is taken (${place})`, {
          hint,
        }),
      );
    }
  }
}

function validate(
  drafts: readonly Draft[],
  world: World,
  schema: ReturnType<typeof buildSchema>,
  inForce: boolean,
  misfits: Misfits,
): PolicyProblem[] {
  const texts = Object.fromEntries(drafts.map(({ source }, i) => [`r${i}`, textOf(source)]));
  const validated = validateRules(schema, texts);
  if (!validated.ok)
    return [{ severity: 'error', file: 'catalog', line: 1, column: 1, message: validated.error }];
  const byRule = new Map(drafts.map((draft, i) => [`r${i}`, draft]));
  const failing = new Map<string, string>();
  const problems: PolicyProblem[] = [];
  for (const finding of validated.value) {
    const draft = byRule.get(finding.rule);
    if (draft === undefined) continue;
    // That no operation is of the kind yet, or has such targets, is no reason to warn: packs are written for those that will be.
    if (finding.severity === 'warning' && !isAboutSomething(draft, world)) continue;
    if (finding.severity === 'error') failing.set(finding.rule, texts[finding.rule] ?? '');
    const severity = finding.severity === 'error' && !inForce ? 'error' : 'warning';
    const code = finding.severity === 'error' ? ({ code: 'RULE_DOES_NOT_FIT' } as const) : {};
    problems.push({ ...locate(draft.source, finding), severity, ...code });
  }
  if (failing.size > 0 && inForce) {
    const found = findMisfits(world, Object.fromEntries(failing));
    for (const [operation, rules] of found)
      misfits.set(
        operation,
        rules.map((rule) => byRule.get(rule)?.id ?? rule),
      );
  }
  return problems;
}

function isAboutSomething({ json }: Draft, world: World): boolean {
  const { action, resource } = readScope(json);
  const type = 'type' in resource ? resource.type : undefined;
  return world.operations.some(
    ({ id, groups, targetTypes }) =>
      admitsAction(action, id, new Set(groups)) && (type === undefined || targetTypes.includes(type)),
  );
}

function compileAll(drafts: readonly Draft[], problems: PolicyProblem[]): Rule[] {
  return drafts.flatMap(({ source, json, id, annotations }, index) => {
    const head = {
      id,
      file: source.file.name,
      line: source.line,
      annotations,
      text: textOf(source),
      clauseTexts: source.clauses.map(({ text }) => text),
      index,
    };
    try {
      return [compileRule(head, json)];
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown;
      problems.push(problemAt(source.file, source.start, thrown.message));
      return [];
    }
  });
}
