import { canonicalize } from '../base/canonical.ts';
import { digestOf } from '../base/hash.ts';
import { err, ok, type Result } from '../base/result.ts';
import { foldAlike } from './alike.ts';
import { parseRule, validateRules } from './engine/cedar.ts';
import { findMisfits, type Misfits } from './engine/misfits.ts';
import { createPolicySet, type PolicySet } from './policy-set.ts';
import { type PolicyFile, type PolicyProblem, problemAt } from './problem.ts';
import { checkTokens, type LoadOptions, locate, type ReadRule, readRules, textOf } from './read-rules.ts';
import { compileRule, type Rule } from './rule.ts';
import { buildSchema, checkWorld, schemaDigest } from './schema/schema.ts';
import { shapeOfInput } from './schema/shape.ts';
import { admitsAction, readScope } from './text/scope.ts';
import { split } from './text/split.ts';
import type { World } from './world.ts';

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
  const { rules: read, sound, problems } = readRules(files, world, options);

  const shapes = new Map(world.operations.map((operation) => [operation.id, shapeOfInput(operation)]));
  const operations = world.operations.map((operation) => ({
    operation,
    shape: shapes.get(operation.id) ?? shapeOfInput(operation),
  }));
  const schema = buildSchema(world, operations, new Set(read.flatMap(({ dormant }) => dormant)));
  // Where some rules have errors of their own, type errors of the others are told along with those.
  const toValidate = problems.some(isError) ? sound : read;
  const validated = validate(toValidate, world, schema, inForce);
  problems.push(...validated.problems);
  if (problems.some(isError)) return err(problems);

  const rules = compileAll(read, problems);
  if (problems.some(isError)) return err(problems);

  const said = {
    rules: rules.map(({ id, canonical }) => [id, canonical]),
    schema: schemaDigest(schema),
  };
  const digest = digestOf(canonicalize(said));
  const { misfits } = validated;
  return ok(createPolicySet({ digest, rules, warnings: problems, world, shapes, misfits, schema }));
}

/** What is wrong with the text of rules alone: for use where there is no world yet to say which names exist. */
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

/** What the official validator says of these rules. `misfits` is empty unless the set is in force already. */
function validate(
  rules: readonly ReadRule[],
  world: World,
  schema: ReturnType<typeof buildSchema>,
  inForce: boolean,
): { readonly problems: readonly PolicyProblem[]; readonly misfits: Misfits } {
  const misfits: Misfits = new Map();
  const texts = Object.fromEntries(rules.map(({ source }, i) => [`r${i}`, textOf(source)]));
  const validated = validateRules(schema, texts);
  if (!validated.ok) {
    const message = validated.error;
    return { problems: [{ severity: 'error', file: 'catalog', line: 1, column: 1, message }], misfits };
  }
  const byRule = new Map(rules.map((rule, i) => [`r${i}`, rule]));
  const failing = new Map<string, string>();
  const problems: PolicyProblem[] = [];
  for (const finding of validated.value) {
    const rule = byRule.get(finding.rule);
    if (rule === undefined) continue;
    // No warning where no operation is of that kind, or has such targets: packs are also written for those that come later.
    if (finding.severity === 'warning' && !isAboutSomething(rule, world)) continue;
    if (finding.severity === 'error') failing.set(finding.rule, texts[finding.rule] ?? '');
    const severity = finding.severity === 'error' && !inForce ? 'error' : 'warning';
    const code = finding.severity === 'error' ? ({ code: 'RULE_DOES_NOT_FIT' } as const) : {};
    problems.push({ ...locate(rule.source, finding), severity, ...code });
  }
  if (failing.size > 0 && inForce) {
    const found = findMisfits(world, Object.fromEntries(failing));
    for (const [operation, failed] of found)
      misfits.set(
        operation,
        failed.map((name) => byRule.get(name)?.id ?? name),
      );
  }
  return { problems: foldAlike(problems), misfits };
}

function isAboutSomething({ json }: ReadRule, world: World): boolean {
  const { action, resource } = readScope(json);
  const type = 'type' in resource ? resource.type : undefined;
  return world.operations.some(
    ({ id, groups, targetTypes }) =>
      admitsAction(action, id, new Set(groups)) && (type === undefined || targetTypes.includes(type)),
  );
}

function compileAll(rules: readonly ReadRule[], problems: PolicyProblem[]): Rule[] {
  return rules.flatMap(({ source, json, id, annotations }, index) => {
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
