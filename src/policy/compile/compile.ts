import type { Expression } from '../text/expression.ts';
import { add, type Long, multiply, negate, subtract } from '../values/integers.ts';
import { equal, MapRecord, SetValue, type Value } from '../values/values.ts';
import { compileAttribute, compileHas, compileIs, compileMembership, compileTag } from './compile-access.ts';
import { compileCall } from './compile-call.ts';
import { compileIf, compileJunction } from './compile-logic.ts';
import { compileOrder } from './compile-order.ts';
import { asBoolean, asLong, asSet, build, type Compiled } from './evaluation.ts';
import { compileLike } from './like.ts';

/** Compiles an expression into closures. Recursive: the depth of a rule is bounded before (LIMITS.ruleDepth). */
export function compile(expression: Expression): Compiled {
  switch (expression.op) {
    case 'literal': {
      const { value } = expression;
      return { evaluate: () => value, constant: true };
    }
    case 'variable': {
      const { name } = expression;
      return { evaluate: VARIABLE[name], constant: false };
    }
    case '!': {
      const of = compile(expression.of);
      return build([of], (scene) => !asBoolean(of.evaluate(scene)));
    }
    case 'neg': {
      const of = compile(expression.of);
      return build([of], (scene) => negate(asLong(of.evaluate(scene))));
    }
    case 'isEmpty': {
      const of = compile(expression.of);
      return build([of], (scene) => asSet(of.evaluate(scene)).size === 0);
    }
    case 'attribute':
      return compileAttribute(compile(expression.of), expression.name);
    case 'has':
      return compileHas(compile(expression.of), expression.path);
    case 'like':
      return compileLike(compile(expression.of), expression.pattern);
    case 'is':
      return compileIs(
        compile(expression.of),
        expression.type,
        expression.within === undefined ? undefined : compile(expression.within),
      );
    case 'if':
      return compileIf(
        compile(expression.condition),
        compile(expression.consequent),
        compile(expression.otherwise),
      );
    case 'set': {
      const items = expression.items.map(compile);
      return build(items, (scene) => new SetValue(items.map((item) => item.evaluate(scene))));
    }
    case 'record':
      return compileRecord(expression.entries.map(([name, value]) => [name, compile(value)]));
    case 'call':
      return compileCall(expression.name, expression.of.map(compile));
    case '&&':
    case '||':
      return compileJunction(expression.op, operandsOf(expression.op, expression).map(compile));
    default:
      return compileBinary(expression.op, compile(expression.left), compile(expression.right));
  }
}

const VARIABLE = {
  principal: (scene: { principal: Value }) => scene.principal,
  action: (scene: { action: Value }) => scene.action,
  resource: (scene: { resource: Value }) => scene.resource,
  context: (scene: { context: Value }) => scene.context,
};

/** `a && b && c` nests to the left, as deep as it is long: it is evaluated as one list. */
function operandsOf(op: '&&' | '||', expression: Expression): Expression[] {
  const operands: Expression[] = [];
  let rest = expression;
  while (rest.op === op) {
    operands.push(rest.right);
    rest = rest.left;
  }
  operands.push(rest);
  return operands.reverse();
}

function compileRecord(entries: readonly (readonly [string, Compiled])[]): Compiled {
  return build(
    entries.map(([, value]) => value),
    (scene) => new MapRecord(new Map(entries.map(([name, value]) => [name, value.evaluate(scene)]))),
  );
}

type Binary = Exclude<Extract<Expression, { left: Expression }>['op'], '&&' | '||'>;

function compileBinary(op: Binary, left: Compiled, right: Compiled): Compiled {
  const both = (combine: (a: Value, b: Value) => Value): Compiled =>
    build([left, right], (scene) => combine(left.evaluate(scene), right.evaluate(scene)));
  const longs = (combine: (a: Long, b: Long) => Long): Compiled =>
    both((a, b) => combine(asLong(a), asLong(b)));
  switch (op) {
    case '==':
      return both(equal);
    case '!=':
      return both((a, b) => !equal(a, b));
    case '+':
      return longs(add);
    case '-':
      return longs(subtract);
    case '*':
      return longs(multiply);
    case 'contains':
      return both((a, b) => asSet(a).has(b));
    case 'containsAll':
      return both((a, b) => containsAll(asSet(a), asSet(b)));
    case 'containsAny':
      return both((a, b) => containsAny(asSet(a), asSet(b)));
    case 'in':
      return compileMembership(left, right);
    case 'hasTag':
    case 'getTag':
      return compileTag(op, left, right);
    default:
      return compileOrder(op, left, right);
  }
}

function containsAll(set: SetValue, wanted: SetValue): boolean {
  if (wanted.size > set.size) return false;
  for (const value of wanted) if (!set.has(value)) return false;
  return true;
}

function containsAny(set: SetValue, wanted: SetValue): boolean {
  const [few, many] = set.size < wanted.size ? [set, wanted] : [wanted, set];
  for (const value of few) if (many.has(value)) return true;
  return false;
}
