import { AUDIENCES, CHANGES, EFFECTS, type Effect, REVERSIBILITIES, RISKS } from '../../model/risk.ts';
import {
  type Call,
  type OperationEntry,
  type ParentTemplate,
  SENSITIVITIES,
  SOURCES,
  type TargetTemplate,
} from '../entry.ts';
import { type DeclaredType, expandParents, readIdTemplate, readTypeName } from '../targets/target-type.ts';
import {
  type Field,
  readField,
  readReference,
  readTemplate,
  referencesOf,
  type Template,
} from '../targets/template.ts';
import type { FieldReader } from './field-reader.ts';
import type { YamlMember, YamlNode } from './yaml-document.ts';

const REQUIRED = ['risk', 'effect', 'reversibility', 'audience', 'worst'] as const;
const OPTIONAL = [
  'targets',
  'texts',
  'amount',
  'people',
  'changes',
  'state',
  'undo',
  'source',
  'sensitivity',
  'secret',
] as const;

type Fields = ReadonlyMap<string, YamlMember>;
type Types = ReadonlyMap<string, DeclaredType>;

/** Reads one operation of a catalog; undefined where what it needs is missing or wrong, which has then been said. */
export function readOperation(
  reader: FieldReader,
  name: string,
  node: YamlNode,
  types: Types,
): OperationEntry | undefined {
  const what = `the operation ${name}`;
  const fields = reader.fields(node, what, [...REQUIRED, ...OPTIONAL], REQUIRED);
  if (fields === undefined) return undefined;
  const of = (key: string) => fields.get(key)?.node;

  const risk = reader.oneOf(of('risk'), 'risk', RISKS);
  const effect = reader.someOf(of('effect'), 'effect', EFFECTS);
  const reversibility = reader.oneOf(of('reversibility'), 'reversibility', REVERSIBILITIES);
  const audience = reader.oneOf(of('audience'), 'audience', AUDIENCES);
  const worst = reader.text(of('worst'), 'worst');
  const targets = reader
    .list(of('targets'), 'targets')
    .flatMap((item) => readTarget(reader, item, types) ?? []);
  const changesNode = of('changes');
  const changes = changesNode === undefined ? [] : reader.someOf(changesNode, 'changes', CHANGES);
  const amount = readAmount(reader, of('amount'));
  const state = readState(reader, of('state'));
  const undo = readCall(reader, of('undo'), 'undo', []);
  const source = reader.oneOf(of('source'), 'source', SOURCES) ?? 'untrusted';
  const sensitivity = reader.oneOf(of('sensitivity'), 'sensitivity', SENSITIVITIES) ?? 'secret';
  const [texts, people, secret] = (['texts', 'people', 'secret'] as const).map((key) =>
    readFields(reader, of(key), key),
  );
  checkSecrets(reader, fields, secret ?? [], targets);
  checkReadOnly(reader, fields, effect, risk === 'read', reversibility === 'read-only');

  if (risk === undefined || reversibility === undefined || audience === undefined || worst === undefined)
    return undefined;
  return {
    risk,
    effect,
    reversibility,
    audience,
    worst,
    targets,
    texts: texts ?? [],
    people: people ?? [],
    changes,
    secret: secret ?? [],
    source,
    sensitivity,
    ...(amount === undefined ? {} : { amount }),
    ...(state === undefined ? {} : { state }),
    ...(undo === undefined ? {} : { undo }),
  };
}

/** The log shows targets, so nothing secret may be part of one. */
function checkSecrets(
  reader: FieldReader,
  fields: Fields,
  secret: readonly Field[],
  targets: readonly TargetTemplate[],
): void {
  const at = fields.get('secret')?.node.at;
  if (at === undefined) return;
  const shown = targets.flatMap((target) => pathsOf(target, target.each ?? []));
  for (const { steps } of secret) {
    const path = steps.map(({ name }) => name);
    if (shown.some((other) => path.every((name, i) => i >= other.length || other[i] === name)))
      reader.say(at, `\`${path.join('.')}\` is secret, but part of a target, which the log shows`);
  }
}

/** The paths of all arguments that an id, or that of a parent, is made of. */
function pathsOf(template: ParentTemplate, each: readonly string[]): (readonly string[])[] {
  const own = referencesOf(template.id).map(({ of, path }) => (of === 'element' ? [...each, ...path] : path));
  return [...own, ...template.parents.flatMap((parent) => pathsOf(parent, each))];
}

const HARMLESS: readonly Effect[] = ['read', 'send'];

/** An entry that contradicts itself would be believed at its mildest word. */
function checkReadOnly(
  reader: FieldReader,
  fields: Fields,
  effect: readonly Effect[],
  risk: boolean,
  readOnly: boolean,
) {
  const changes = effect.filter((one) => !HARMLESS.includes(one));
  const at = fields.get('effect')?.node.at;
  if (at === undefined || changes.length === 0 || !(risk || readOnly)) return;
  const word = risk ? 'risk: read' : 'reversibility: read-only';
  reader.say(at, `\`${word}\` and the effect ${changes.join(', ')} contradict each other`);
}

function readTarget(reader: FieldReader, node: YamlNode, types: Types): TargetTemplate | undefined {
  const fields = reader.fields(node, 'a target', ['type', 'id', 'each', 'optional'], ['type']);
  const type = readTypeName(reader, fields?.get('type')?.node, 'the type of a target');
  if (fields === undefined || type === undefined) return undefined;

  const eachNode = fields.get('each')?.node;
  const each = eachNode === undefined ? undefined : readEach(reader, eachNode);
  if (eachNode !== undefined && each === undefined) return undefined;
  const idNode = fields.get('id')?.node;
  const own = readIdTemplate(reader, idNode, type);
  if (idNode !== undefined && own === undefined) return undefined;
  const id =
    own ??
    (each === undefined
      ? types.get(type)?.id
      : (types.get(type)?.id ?? [{ of: 'element', path: [] } as const]));
  if (id === undefined) {
    reader.say(node.at, `a target of type ${type} needs an \`id\``);
    return undefined;
  }
  const parents = expandParents(reader, types, type);
  if (each === undefined && namesElement(id, parents)) {
    reader.say(node.at, 'an element ({.} or {.name}) can only be named beside `each`');
    return undefined;
  }
  const optional = readOptional(reader, fields.get('optional')?.node, id, each);
  return {
    type,
    id,
    parents,
    ...(each === undefined ? {} : { each }),
    ...(optional ? { optional: true as const } : {}),
  };
}

/** Only what an argument could be absent from can be left out. */
function readOptional(
  reader: FieldReader,
  node: YamlNode | undefined,
  id: Template,
  each: readonly string[] | undefined,
): boolean {
  if (node === undefined) return false;
  if (node.kind !== 'scalar' || node.value !== true)
    reader.say(node.at, '`optional` is `true`, or not there');
  else if (each === undefined && referencesOf(id).length === 0)
    reader.say(node.at, 'a target made of no argument is always there; it cannot be `optional`');
  return true;
}

function readEach(reader: FieldReader, node: YamlNode): readonly string[] | undefined {
  const text = reader.text(node, '`each`');
  if (text === undefined) return undefined;
  const reference = readReference(text);
  if (reference?.of === 'arguments') return reference.path;
  reader.say(node.at, `\`each: ${text}\` must name an argument that is a list, like \`each: paths\``);
  return undefined;
}

function namesElement(id: Template, parents: readonly ParentTemplate[]): boolean {
  if (referencesOf(id).some((reference) => reference.of === 'element')) return true;
  return parents.some((parent) => namesElement(parent.id, parent.parents));
}

function readFields(reader: FieldReader, node: YamlNode | undefined, what: string): readonly Field[] {
  return reader.list(node, what).flatMap((item) => readOneField(reader, item, `each of ${what}`) ?? []);
}

function readOneField(reader: FieldReader, node: YamlNode | undefined, what: string): Field | undefined {
  const text = reader.text(node, what);
  if (text === undefined || node === undefined) return undefined;
  const field = readField(text);
  if (field === undefined)
    reader.say(node.at, `\`${text}\` names no argument; write it like body, a.b or files[].content`);
  return field;
}

function readAmount(reader: FieldReader, node: YamlNode | undefined): OperationEntry['amount'] {
  if (node === undefined) return undefined;
  const fields = reader.fields(node, 'amount', ['value', 'currency', 'unit'], ['value', 'currency']);
  const value = readOneField(reader, fields?.get('value')?.node, 'the value of amount');
  const currency = readAnyTemplate(reader, fields?.get('currency')?.node, 'the currency of amount');
  const unit = fields?.get('unit')?.node;
  const said = unit === undefined ? undefined : reader.text(unit, 'the unit of amount');
  if (unit !== undefined && said !== 'minor')
    reader.say(unit.at, 'the unit of amount can only be minor: the smallest of its currency, such as cents');
  if (value === undefined || currency === undefined) return undefined;
  return { value, currency, ...(said === 'minor' ? { minor: true } : {}) };
}

function readAnyTemplate(
  reader: FieldReader,
  node: YamlNode | undefined,
  what: string,
): Template | undefined {
  const text = reader.text(node, what);
  if (text === undefined || node === undefined) return undefined;
  const template = readTemplate(text);
  if (template.ok) return template.value;
  reader.say(node.at, template.error);
  return undefined;
}

function readState(reader: FieldReader, node: YamlNode | undefined): OperationEntry['state'] {
  const call = readCall(reader, node, 'state', ['version']);
  const versionNode = node?.kind === 'map' ? node.members.get('version')?.node : undefined;
  const version = readOneField(reader, versionNode, 'the version of state');
  return call === undefined || version === undefined ? undefined : { ...call, version };
}

function readCall(
  reader: FieldReader,
  node: YamlNode | undefined,
  what: string,
  more: readonly string[],
): Call | undefined {
  if (node === undefined) return undefined;
  const fields = reader.fields(node, what, ['operation', 'arguments', ...more], ['operation', ...more]);
  const operation = reader.text(fields?.get('operation')?.node, `the operation of ${what}`);
  const argumentsNode = fields?.get('arguments')?.node;
  const members =
    argumentsNode === undefined ? undefined : reader.map(argumentsNode, `the arguments of ${what}`);
  const made: [string, Template][] = [];
  for (const [name, member] of members ?? []) {
    const template = readAnyTemplate(reader, member.node, `the argument ${name} of ${what}`);
    if (template !== undefined) made.push([name, template]);
  }
  return operation === undefined ? undefined : { operation, arguments: Object.fromEntries(made) };
}
