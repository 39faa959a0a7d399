import { asBoolean, type Compiled } from './evaluation.ts';

/** A whole chain of `&&` or of `||`: evaluated from left to right, until the answer is known. */
export function compileJunction(op: '&&' | '||', operands: readonly Compiled[]): Compiled {
  const decisive = op === '||';
  const evaluators = operands.map((operand) => operand.evaluate);
  return {
    constant: false,
    evaluate: (scene) => {
      for (const evaluate of evaluators) if (asBoolean(evaluate(scene)) === decisive) return decisive;
      return !decisive;
    },
  };
}

export function compileIf(condition: Compiled, then: Compiled, otherwise: Compiled): Compiled {
  return {
    constant: false,
    evaluate: (scene) =>
      asBoolean(condition.evaluate(scene)) ? then.evaluate(scene) : otherwise.evaluate(scene),
  };
}
