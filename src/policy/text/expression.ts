import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { type Long, longOf } from '../values/integers.ts';
import { EntityUid } from '../values/values.ts';

const VARIABLES = ['principal', 'action', 'resource', 'context'] as const;
type Variable = (typeof VARIABLES)[number];

const BINARY = [
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'in',
  '&&',
  '||',
  '+',
  '-',
  '*',
  'contains',
  'containsAll',
  'containsAny',
  'hasTag',
  'getTag',
] as const;
type BinaryOperator = (typeof BINARY)[number];
const UNARY = ['!', 'neg', 'isEmpty'] as const;

/** A Cedar expression as this room works on it: the official JSON form, read once and strictly. */
export type Expression =
  | { readonly op: 'literal'; readonly value: boolean | Long | string | EntityUid }
  | { readonly op: 'variable'; readonly name: Variable }
  | { readonly op: (typeof UNARY)[number]; readonly of: Expression }
  | { readonly op: BinaryOperator; readonly left: Expression; readonly right: Expression }
  | { readonly op: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly op: 'has'; readonly of: Expression; readonly path: readonly string[] }
  /** A string stands for itself, null for `*`. */
  | { readonly op: 'like'; readonly of: Expression; readonly pattern: readonly (string | null)[] }
  | { readonly op: 'is'; readonly of: Expression; readonly type: string; readonly within?: Expression }
  | {
      readonly op: 'if';
      readonly condition: Expression;
      readonly consequent: Expression;
      readonly otherwise: Expression;
    }
  | { readonly op: 'set'; readonly items: readonly Expression[] }
  | { readonly op: 'record'; readonly entries: readonly (readonly [string, Expression])[] }
  | { readonly op: 'call'; readonly name: string; readonly of: readonly Expression[] };

/** Every expression directly inside this one. */
export function parts(expression: Expression): readonly Expression[] {
  switch (expression.op) {
    case 'literal':
    case 'variable':
      return [];
    case 'if':
      return [expression.condition, expression.consequent, expression.otherwise];
    case 'set':
      return expression.items;
    case 'record':
      return expression.entries.map(([, value]) => value);
    case 'call':
      return expression.of;
    case 'is':
      return expression.within === undefined ? [expression.of] : [expression.of, expression.within];
    case 'attribute':
    case 'has':
    case 'like':
    case '!':
    case 'neg':
    case 'isEmpty':
      return [expression.of];
    default:
      return [expression.left, expression.right];
  }
}

/** Throws for what this room does not know: a rule that is not understood in full is not loaded. */
export function readExpression(json: Json | undefined): Expression {
  if (!isJsonObject(json)) return unknown('a value');
  const [op, ...others] = Object.keys(json);
  if (op === undefined || others.length > 0) return unknown('several operators');
  const operand = json[op];
  if (Array.isArray(operand)) return readList(op, operand);
  if (op === 'Value') return { op: 'literal', value: readLiteral(operand) };
  if (op === 'Var') return { op: 'variable', name: VARIABLES.find((v) => v === operand) ?? unknown('Var') };
  if (!isJsonObject(operand)) return unknown(op);
  const unary = UNARY.find((name) => name === op);
  if (unary !== undefined) return { op: unary, of: readExpression(operand['arg']) };
  const binary = BINARY.find((name) => name === op);
  if (binary !== undefined)
    return { op: binary, left: readExpression(operand['left']), right: readExpression(operand['right']) };
  return readNamed(op, operand);
}

function readNamed(op: string, operand: JsonObject): Expression {
  switch (op) {
    case '.':
      return { op: 'attribute', of: readExpression(operand['left']), name: text(operand['attr']) };
    case 'has': {
      const attr = operand['attr'];
      const path = Array.isArray(attr) ? attr.map(text) : [text(attr)];
      return { op: 'has', of: readExpression(operand['left']), path };
    }
    case 'like':
      return { op: 'like', of: readExpression(operand['left']), pattern: readPattern(operand['pattern']) };
    case 'is': {
      const within = operand['in'];
      const of = readExpression(operand['left']);
      const type = text(operand['entity_type']);
      return within === undefined || within === null
        ? { op: 'is', of, type }
        : { op: 'is', of, type, within: readExpression(within) };
    }
    case 'if-then-else':
      return {
        op: 'if',
        condition: readExpression(operand['if']),
        consequent: readExpression(operand['then']),
        otherwise: readExpression(operand['else']),
      };
    case 'Record':
      return {
        op: 'record',
        entries: Object.entries(operand).map(([name, value]) => [name, readExpression(value)]),
      };
    default:
      return unknown(op);
  }
}

function readList(op: string, operands: readonly Json[]): Expression {
  const of = operands.map(readExpression);
  return op === 'Set' ? { op: 'set', items: of } : { op: 'call', name: op, of };
}

function readLiteral(json: Json | undefined): boolean | Long | string | EntityUid {
  if (typeof json === 'boolean' || typeof json === 'string') return json;
  if (typeof json === 'number') return longOf(json) ?? unknown('an inexact integer');
  return readEntity(json);
}

/** `{"type","id"}`, with or without the `__entity` around it. */
export function readEntity(json: Json | undefined): EntityUid {
  if (!isJsonObject(json)) return unknown('an entity');
  const inner = json['__entity'];
  const uid = isJsonObject(inner) ? inner : json;
  return new EntityUid(text(uid['type']), text(uid['id']));
}

function readPattern(json: Json | undefined): (string | null)[] {
  if (!Array.isArray(json)) return unknown('a pattern');
  return json.map((element: Json) =>
    isJsonObject(element) ? text(element['Literal']) : element === 'Wildcard' ? null : unknown('a pattern'),
  );
}

function text(json: Json | undefined): string {
  return typeof json === 'string' ? json : unknown('a name');
}

function unknown(what: string): never {
  throw new TypeError(`this Cedar expression is not understood: ${what}`);
}
