import { compile } from '../compile/compile.ts';
import type { Scene } from '../compile/evaluation.ts';
import type { TargetScene } from '../request.ts';
import type { Rule } from '../rule.ts';
import { expressionText, patternText, resourceText, valueText } from '../text/cedar-text.ts';
import { type Expression, parts } from '../text/expression.ts';
import { admits } from '../text/scope.ts';
import { EvaluationFault } from '../values/fault.ts';

/** One thing that would have to be otherwise for a rule to hold, or not to. */
export interface Condition {
  /** As it would stand in a rule. */
  readonly text: string;
  /** Whether that would have to be true. */
  readonly wanted: boolean;
  /** The same for a person: what, and what it is now. */
  readonly words: string;
  /** What is looked at, `context.input.path`; absent where it is not one thing. */
  readonly attribute?: string;
  /** What that is now, as it would stand in a rule. */
  readonly value?: string;
}

/** The least that would have to be otherwise. Empty: nothing. Null: no value could do it. */
export type Needs = readonly Condition[] | null;

/** For this rule to hold of this target. */
export function needsToHold(rule: Rule, scene: TargetScene): Needs {
  const clauses = rule.clauses.map(({ kind, expression }) => needs(expression, kind === 'when', scene));
  return all([ofTarget(rule, true, scene), ...clauses]);
}

/** For this rule, which holds, not to. Null: it names nothing that could be otherwise. */
export function needsNotToHold(rule: Rule, scene: TargetScene): Needs {
  const clauses = rule.clauses.map(({ kind, expression }) => needs(expression, kind !== 'when', scene));
  return least([...clauses, ofTarget(rule, false, scene)]);
}

/** What the head says of the resource. */
function ofTarget({ scope: { resource } }: Rule, wanted: boolean, scene: TargetScene): Needs {
  if (resource.kind === 'any') return wanted ? [] : null;
  if (admits(resource, scene.resource, scene.target.ancestors) === wanted) return [];
  const text = resourceText(resource);
  const value = valueText(scene.resource) ?? '';
  const words = `the target would have to be ${wanted ? '' : 'another than '}${text.replace(/^resource (== |is )?/, '')}; it is ${cut(value)}`;
  return [{ text, wanted, words, attribute: 'resource', value }];
}

function needs(expression: Expression, wanted: boolean, scene: Scene): Needs {
  switch (expression.op) {
    case 'literal':
      return expression.value === wanted ? [] : null;
    case '!':
      return needs(expression.of, !wanted, scene);
    case '&&':
    case '||': {
      const sides = [needs(expression.left, wanted, scene), needs(expression.right, wanted, scene)];
      return (expression.op === '&&') === wanted ? all(sides) : least(sides);
    }
    default:
      return needsOf(expression, wanted, scene);
  }
}

function all(several: readonly Needs[]): Needs {
  const found: Condition[] = [];
  for (const each of several) {
    if (each === null) return null;
    for (const condition of each)
      if (!found.some(({ words }) => words === condition.words)) found.push(condition);
  }
  return found;
}

function least(several: readonly Needs[]): Needs {
  let found: Needs = null;
  for (const each of several)
    if (each !== null && (found === null || each.length < found.length)) found = each;
  return found;
}

function needsOf(expression: Expression, wanted: boolean, scene: Scene): Needs {
  const now = evaluated(expression, scene);
  if (now === wanted) return [];
  if (!looksAtSomething(expression)) return null;
  const text = expressionText(expression);
  const subject = subjectOf(expression);
  if (subject === null) return [{ text, wanted, words: `\`${cut(text)}\` would have to be ${wanted}` }];
  const attribute = expressionText(subject);
  const found = evaluated(subject, scene);
  const value = found === undefined ? undefined : valueText(found);
  const is = value === undefined ? 'it is not there' : `it is ${cut(value)}`;
  const must = wanted ? mustBe(expression) : mustNotBe(expression);
  const words = `\`${attribute}\` would have to ${must}${expression.op === 'has' ? '' : `; ${is}`}`;
  return [{ text, wanted, words, attribute, ...(value === undefined ? {} : { value }) }];
}

function evaluated(expression: Expression, scene: Scene) {
  try {
    return compile(expression).evaluate(scene);
  } catch (thrown) {
    if (!(thrown instanceof EvaluationFault)) throw thrown;
    return undefined;
  }
}

/** Whether another value in the call could change this: not what depends on the rule alone, or on who acts and how. */
function looksAtSomething(expression: Expression): boolean {
  if (expression.op === 'variable') return expression.name === 'context' || expression.name === 'resource';
  if (expression.op === 'attribute' && expression.of.op === 'variable' && expression.of.name === 'principal')
    return true;
  return parts(expression).some(looksAtSomething);
}

/** The one side that is looked at, where the other is fixed. */
function subjectOf(expression: Expression): Expression | null {
  if (expression.op === 'attribute') return expression;
  const [first, ...others] = parts(expression);
  if (first === undefined || !looksAtSomething(first) || others.some(looksAtSomething)) return null;
  return first;
}

const THAN: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  '<': ['be less than', 'be at least'],
  '<=': ['be at most', 'be more than'],
  '>': ['be more than', 'be at most'],
  '>=': ['be at least', 'be less than'],
  '==': ['be', 'be something else than'],
  '!=': ['be something else than', 'be'],
  in: ['be in', 'be outside of'],
  contains: ['hold', 'be without'],
  containsAll: ['hold all of', 'lack one of'],
  containsAny: ['hold one of', 'be without each of'],
  lessThan: ['be less than', 'be at least'],
  lessThanOrEqual: ['be at most', 'be more than'],
  greaterThan: ['be more than', 'be at most'],
  greaterThanOrEqual: ['be at least', 'be less than'],
  isInRange: ['be in the range', 'be outside of the range'],
};

function mustBe(expression: Expression): string {
  return must(expression, 0);
}

function mustNotBe(expression: Expression): string {
  return must(expression, 1);
}

function must(expression: Expression, which: 0 | 1): string {
  switch (expression.op) {
    case 'attribute':
      return `be ${which === 0}`;
    case 'has':
      return `${which === 0 ? 'have' : 'be without'} \`${expression.path.join('.')}\``;
    case 'like':
      return `${which === 0 ? 'be' : 'be other than'} like ${cut(patternText(expression.pattern))}`;
    case 'is':
      return `be ${which === 0 ? 'a' : 'other than a'} ${expression.type}`;
    case 'isEmpty':
      return which === 0 ? 'be empty' : 'hold something';
    default: {
      const name = expression.op === 'call' ? expression.name : expression.op;
      const than = THAN[name]?.[which];
      const [, other] = parts(expression);
      if (than === undefined || other === undefined)
        return `make \`${cut(expressionText(expression))}\` ${which === 0}`;
      return `${than} ${cut(expressionText(other))}`;
    }
  }
}

const LONGEST = 160;

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST).toWellFormed()}…` : text;
}
