import { canonicalize } from '../../base/canonical.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Target } from '../../model/action.ts';
import { extraOf, type PolicyRequest } from '../request.ts';
import { type RecordShape, type Shape, shapeOfInput } from '../schema/shape.ts';
import { attributeText, entityText, hasText, stringText } from '../text/cedar-text.ts';
import { decimalOf } from '../values/decimal.ts';
import { longOf } from '../values/integers.ts';
import type { World } from '../world.ts';

type Operation = World['operations'][number];

/** What a permit says behind `action == …`: the resource of its head, and its condition where it has one. */
export interface NarrowPermit {
  readonly resource: string;
  readonly condition?: string;
  /** What is not held to the very values that were asked for, in words. */
  readonly widened: readonly string[];
}

/** Where a permit may be wider than what was asked for, because it shows where that is going. */
export interface Widening {
  /** Directories in which a common one may be named; it is one of them or lies below. */
  readonly within: readonly string[];
}

/**
 * The narrowest permit of one operation that lets all of these through: the very targets and the very arguments, each
 * set of them together. With `widening`, three files or more of one directory become that directory, and an argument
 * that differed every time is left open. A sentence: no rule can say it.
 */
export function narrowPermit(
  operation: Operation,
  asked: readonly PolicyRequest[],
  widening: Widening | null,
): NarrowPermit | string {
  const shape = shapeOfInput(operation);
  const wide = widening === null ? null : widened(asked, shape, widening);
  if (wide !== null) return wide;
  const cases = new Set<string>();
  for (const request of asked) {
    const said = exactly(request, shape, operation.targetTypes.length > 1);
    if (typeof said !== 'string') return said.cannot;
    cases.add(said);
  }
  if (cases.size > LIMITS.suggestedCases)
    return `${cases.size} different calls are too many to name one by one`;
  const [first, ...others] = asked;
  const [target, ...more] = first?.targets ?? [];
  if (first !== undefined && target !== undefined && more.length === 0 && others.length === 0) {
    const { parts } = argumentsOf(first, shape);
    return withCondition(`resource == ${entityText(target)}`, parts, []);
  }
  const resources = types(asked).length === 1 ? `resource is ${types(asked)[0]}` : 'resource';
  return withCondition(resources, [[...cases].map((each) => `(${each})`).join(' ||\n  ')], []);
}

const FEW = 3;

function withCondition(
  resource: string,
  parts: readonly string[],
  widenedBy: readonly string[],
): NarrowPermit {
  const condition = parts.length === 0 ? {} : { condition: parts.join(' &&\n  ') };
  return { resource, ...condition, widened: widenedBy };
}

function types(asked: readonly PolicyRequest[]): string[] {
  return [...new Set(asked.flatMap(({ targets }) => targets.map(({ type }) => type)))];
}

interface Cannot {
  readonly cannot: string;
}

/** One request and no other: its targets, and every argument. */
function exactly(request: PolicyRequest, shape: RecordShape, severalTypes: boolean): string | Cannot {
  const targets = [...new Set(request.targets.map((target) => isTarget(target, severalTypes)))];
  const { parts, cannot } = argumentsOf(request, shape);
  if (cannot !== undefined) return { cannot };
  const which = targets.length === 1 ? (targets[0] ?? '') : `(${targets.join(' || ')})`;
  return [which, ...parts].join(' && ');
}

/** The official validator compares entities of one type only, and looks no further where the type is another. */
function isTarget(target: Target, severalTypes: boolean): string {
  const same = `resource == ${entityText(target)}`;
  return severalTypes ? `(resource is ${target.type} && ${same})` : same;
}

interface Said {
  readonly parts: readonly string[];
  readonly cannot?: string;
}

function argumentsOf(request: PolicyRequest, shape: RecordShape, but: ReadonlySet<string> = new Set()): Said {
  const said = membersOf('context.input', request.arguments, shape, but);
  const extra = extraOf(request, shape);
  const beyond =
    extra === undefined
      ? '!(context.system has extra)'
      : `context.system has extra && context.system.extra == ${stringText(canonicalize(extra))}`;
  return { ...said, parts: [...said.parts, beyond] };
}

function membersOf(of: string, json: JsonObject, shape: RecordShape, but: ReadonlySet<string>): Said {
  const parts: string[] = [];
  for (const [name, { shape: member, required }] of shape.members) {
    if (but.has(name)) continue;
    const value = Object.hasOwn(json, name) ? json[name] : undefined;
    if (value === undefined || value === null) {
      if (!required) parts.push(`!(${hasText(of, name)})`);
      continue;
    }
    if (!required) parts.push(hasText(of, name));
    const said = valueIs(attributeText(of, name), value, member);
    if (said === null) return { parts, cannot: `no rule can say the value of ${name}` };
    parts.push(...said);
  }
  return { parts };
}

/** Conditions that this value meets and no other; null where none can say that. */
function valueIs(of: string, value: Json, shape: Shape): readonly string[] | null {
  if (shape.kind === 'record') {
    if (!isJsonObject(value)) return null;
    const { parts, cannot } = membersOf(of, value, shape, new Set());
    return cannot === undefined ? parts : null;
  }
  if (shape.kind === 'set' && Array.isArray(value) && value.length === 0) return [`${of}.isEmpty()`];
  const literal = literalOf(value, shape);
  return literal === null ? null : [`${of} == ${literal}`];
}

function literalOf(value: Json, shape: Shape): string | null {
  switch (shape.kind) {
    case 'text':
      return shortText(canonicalize(value));
    case 'string':
      return typeof value === 'string' ? shortText(value) : null;
    case 'bool':
      return typeof value === 'boolean' ? String(value) : null;
    case 'long': {
      const long = typeof value === 'number' ? longOf(value) : undefined;
      return long === undefined ? null : String(long);
    }
    case 'decimal': {
      const decimal = typeof value === 'number' ? decimalOf(value) : undefined;
      return decimal === undefined ? null : `decimal("${decimal}")`;
    }
    case 'set': {
      if (!Array.isArray(value) || value.length === 0) return null;
      const items = value.map((item: Json) => literalOf(item, shape.element));
      return items.includes(null) ? null : `[${[...new Set(items)].join(', ')}]`;
    }
    case 'record':
      return null;
  }
}

function shortText(text: string): string | null {
  return text.length > LIMITS.suggestedTextLength ? null : stringText(text);
}

/** null: nothing to widen, because what was asked for does not show where it is going. */
function widened(
  asked: readonly PolicyRequest[],
  shape: RecordShape,
  { within }: Widening,
): NarrowPermit | null {
  const targets = asked.flatMap((request) => (request.targets.length === 1 ? request.targets : []));
  const paths = new Set(targets.map(({ id }) => id));
  if (targets.length !== asked.length || targets.some(({ type }) => type !== 'Path') || paths.size < FEW)
    return null;
  const directory = commonDirectory(targets);
  if (directory === null || !within.some((root) => lies(directory, root))) return null;
  const named = [...shape.members.keys()].filter((name) =>
    asked.every((request, i) => request.arguments[name] === targets[i]?.id),
  );
  const parts: string[] = [];
  const notes = [`${paths.size} files of one directory: everything in ${directory}, and below it`];
  for (const [name] of shape.members) {
    if (named.includes(name)) continue;
    const said = oneOf(asked, shape, name);
    if (said === 'cannot') return null;
    if (said === 'any') notes.push(`${name} was another one every time: any`);
    else if (said.condition !== '') parts.push(said.condition);
  }
  const extra = asked.every((request) => extraOf(request, shape) === undefined);
  if (!extra) return null;
  return withCondition(
    `resource in ${entityText({ type: 'Path', id: directory })}`,
    [...parts, '!(context.system has extra)'],
    notes,
  );
}

/**
 * The condition that an argument has one of the values that it had. `any`: it was another one every time. `cannot`: no
 * rule can say it.
 */
function oneOf(
  asked: readonly PolicyRequest[],
  shape: RecordShape,
  name: string,
): { readonly condition: string } | 'any' | 'cannot' {
  const others = new Set([...shape.members.keys()].filter((each) => each !== name));
  const values = new Set(asked.map((request) => canonicalize(request.arguments[name] ?? null)));
  if (values.size >= FEW && values.size === asked.length) return 'any';
  const said = new Set<string>();
  for (const request of asked) {
    const { parts, cannot } = membersOf('context.input', request.arguments, shape, others);
    if (cannot !== undefined) return 'cannot';
    said.add(parts.join(' && '));
  }
  const [only = ''] = said;
  return { condition: said.size === 1 ? only : `(${[...said].map((each) => `(${each})`).join(' || ')})` };
}

/** The deepest directory that holds all of them. */
function commonDirectory(targets: readonly Target[]): string | null {
  const [first, ...others] = targets.map(({ id }) => id.split('/').slice(0, -1));
  if (first === undefined) return null;
  let depth = first.length;
  for (const steps of others) {
    let shared = 0;
    while (shared < depth && steps[shared] === first[shared]) shared++;
    depth = shared;
  }
  return depth < 2 ? null : first.slice(0, depth).join('/');
}

function lies(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}
