import { toInstant } from '../../base/clock.ts';
import { INVISIBLE } from '../../base/invisible.ts';
import { Datetime, Duration, durationText } from '../values/datetime.ts';
import { Decimal } from '../values/decimal.ts';
import { type EntityUid, RecordValue, SetValue, type Value } from '../values/values.ts';
import type { Expression } from './expression.ts';
import type { Constraint } from './scope.ts';

/** Cedar as text: expressions as a person would write them, and values as they would stand in a rule. */

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
};

const ESCAPED = new RegExp(String.raw`["\\]|${INVISIBLE.source}`, 'gu');

/** A string literal of Cedar, on one line and without a character that cannot be seen. */
export function stringText(text: string): string {
  const escaped = text.toWellFormed().replace(ESCAPED, (character) => {
    const known = ESCAPES[character];
    return known ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return `"${escaped}"`;
}

export function entityText({ type, id }: Pick<EntityUid, 'type' | 'id'>): string {
  return `${type}::${stringText(id)}`;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `of.name`, or `of["a name"]`. */
export function attributeText(of: string, name: string): string {
  return NAME.test(name) ? `${of}.${name}` : `${of}[${stringText(name)}]`;
}

/** `of has name`. */
export function hasText(of: string, name: string): string {
  return `${of} has ${NAME.test(name) ? name : stringText(name)}`;
}

const METHODS = ['contains', 'containsAll', 'containsAny', 'hasTag', 'getTag'];
const MAKERS = ['decimal', 'ip', 'datetime', 'duration'];

export function expressionText(expression: Expression): string {
  switch (expression.op) {
    case 'literal':
      return literalText(expression.value);
    case 'variable':
      return expression.name;
    case '!':
      return `!${operand(expression.of)}`;
    case 'neg':
      // In parentheses, or the official parser takes a literal and its sign for one number.
      return `-(${expressionText(expression.of)})`;
    case 'isEmpty':
      return `${operand(expression.of)}.isEmpty()`;
    case 'attribute':
      return attributeText(operand(expression.of), expression.name);
    case 'has':
      return `${operand(expression.of)} has ${expression.path.map((name) => (NAME.test(name) ? name : stringText(name))).join('.')}`;
    case 'like':
      return `${operand(expression.of)} like ${patternText(expression.pattern)}`;
    case 'is': {
      const within = expression.within === undefined ? '' : ` in ${operand(expression.within)}`;
      return `${operand(expression.of)} is ${expression.type}${within}`;
    }
    case 'if':
      return `if ${expressionText(expression.condition)} then ${expressionText(expression.consequent)} else ${expressionText(expression.otherwise)}`;
    case 'set':
      return `[${expression.items.map(expressionText).join(', ')}]`;
    case 'record':
      return `{${expression.entries.map(([name, value]) => `${stringText(name)}: ${expressionText(value)}`).join(', ')}}`;
    case 'call':
      return callText(expression.name, expression.of);
    default: {
      const { op, left, right } = expression;
      if (METHODS.includes(op)) return `${operand(left)}.${op}(${expressionText(right)})`;
      return `${operand(left)} ${op} ${operand(right)}`;
    }
  }
}

function callText(name: string, of: readonly Expression[]): string {
  const [first, ...rest] = of;
  if (first === undefined || MAKERS.includes(name)) return `${name}(${of.map(expressionText).join(', ')})`;
  return `${operand(first)}.${name}(${rest.map(expressionText).join(', ')})`;
}

/** An operand, in parentheses where it is more than one term. */
function operand(expression: Expression): string {
  const text = expressionText(expression);
  switch (expression.op) {
    case 'literal':
      return text.startsWith('-') ? `(${text})` : text;
    case 'variable':
    case 'attribute':
    case 'isEmpty':
    case 'set':
    case 'record':
    case 'call':
      return text;
    default:
      return METHODS.includes(expression.op) ? text : `(${text})`;
  }
}

export function patternText(pattern: readonly (string | null)[]): string {
  const inner = pattern.map((piece) =>
    piece === null ? '*' : stringText(piece).slice(1, -1).replaceAll('*', '\\*'),
  );
  return `"${inner.join('')}"`;
}

function literalText(value: Value): string {
  return valueText(value) ?? String(value);
}

/** A value as it would stand in a rule; undefined for one that no literal can say. */
export function valueText(value: Value): string | undefined {
  if (typeof value === 'string') return stringText(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Decimal) return `decimal("${value}")`;
  if (value instanceof Duration) return `duration("${durationText(value)}")`;
  if (value instanceof Datetime) return `datetime("${toInstant(Number(value.ms))}")`;
  if (value instanceof SetValue) {
    const items = Array.from(value, valueText);
    return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
  }
  if (value instanceof RecordValue) {
    const members = Array.from(value.names(), (name) => {
      const member = value.get(name);
      return `${stringText(name)}: ${member === undefined ? '' : valueText(member)}`;
    });
    return `{${members.join(', ')}}`;
  }
  return 'type' in value ? entityText(value) : undefined;
}

/** What a rule's head says of the resource. */
export function resourceText(constraint: Constraint): string {
  switch (constraint.kind) {
    case 'any':
      return 'resource';
    case 'is':
      return `resource is ${constraint.type}`;
    case 'equals':
      return `resource == ${entityText(constraint.uid)}`;
    case 'in':
      return `resource${constraint.type === undefined ? '' : ` is ${constraint.type}`} in ${entityText(constraint.uid)}`;
  }
}
