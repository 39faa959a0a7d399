import type { ParentTemplate } from '../entry.ts';
import type { FieldReader } from '../reading/field-reader.ts';
import type { YamlNode } from '../reading/yaml-document.ts';
import { loneReference, readTemplate, type Template } from './template.ts';

/** What rules are told of a type: what its targets may lie in, and what can be read of them (all of it text). */
export interface TargetType {
  readonly parents: readonly string[];
  readonly attributes: readonly string[];
}

/** Types with a normaliser of their own, and the type of operations without a target. */
export const BUILT_IN_TYPES: Readonly<Record<string, TargetType>> = {
  Path: { parents: ['Path'], attributes: ['id', 'name'] },
  Url: { parents: [], attributes: ['id', 'scheme', 'host', 'port', 'path'] },
  Repo: { parents: ['Org'], attributes: ['id'] },
  Org: { parents: [], attributes: ['id'] },
  MailAddress: { parents: [], attributes: ['id', 'domain'] },
  Host: { parents: ['ModelEndpoint'], attributes: ['id', 'host', 'port'] },
  ModelEndpoint: { parents: [], attributes: ['id'] },
  Target: { parents: [], attributes: ['id'] },
};

/** Types whose id is one argument alone, because what is decided on replaces what is sent. */
const ALONE = ['Path', 'Url', 'MailAddress'] as const;
export type AloneType = (typeof ALONE)[number];

export function isAlone(type: string): type is AloneType {
  return ALONE.some((one) => one === type);
}

/** Names that mean something else in rules. */
export const TAKEN_TYPE_NAMES: ReadonlySet<string> = new Set(
  'Agent Person Team Action Target Host ModelEndpoint String Long Bool Boolean Set Record Entity Extension'.split(
    ' ',
  ),
);
export const TARGET_TYPE_NAME = /^[A-Z][A-Za-z0-9]{0,63}$/;

/** A type as a catalog declares it. */
export interface DeclaredType {
  readonly id?: Template;
  readonly parents: readonly { readonly type: string; readonly id?: Template; readonly node: YamlNode }[];
}

export function readTypeName(
  reader: FieldReader,
  node: YamlNode | undefined,
  what: string,
): string | undefined {
  const name = reader.text(node, what);
  if (name === undefined || node === undefined) return undefined;
  return checkTypeName(reader, node.at, name) ? name : undefined;
}

function checkTypeName(reader: FieldReader, at: YamlNode['at'], name: string): boolean {
  if (!TARGET_TYPE_NAME.test(name))
    reader.say(at, `the type \`${name}\` must begin with a capital and be letters and digits`);
  else if (TAKEN_TYPE_NAMES.has(name)) reader.say(at, `the type name \`${name}\` is taken; choose another`);
  else return true;
  return false;
}

/**
 * The id template of a type, checked: a Path, Url or MailAddress is one lone reference, because what is decided on
 * replaces what is sent; a Repo is one too, or its owner and name joined by a slash.
 */
export function readIdTemplate(
  reader: FieldReader,
  node: YamlNode | undefined,
  type: string,
): Template | undefined {
  const text = reader.text(node, `the id of a ${type}`);
  if (text === undefined || node === undefined) return undefined;
  const template = readTemplate(text);
  if (!template.ok) reader.say(node.at, template.error);
  else if (isAlone(type) && loneReference(template.value) === undefined)
    reader.say(node.at, `the id of a ${type} must be one argument alone, like "{path}"`);
  else if (type === 'Repo' && !isRepoTemplate(template.value))
    reader.say(node.at, 'the id of a Repo must be "{repo}" or "{owner}/{repo}"');
  else return template.value;
  return undefined;
}

function isRepoTemplate(template: Template): boolean {
  const [owner, slash, name] = template;
  const joined =
    template.length === 3 && typeof owner === 'object' && slash === '/' && typeof name === 'object';
  return joined || loneReference(template) !== undefined;
}

/** Reads `types:`. */
export function readTypes(
  reader: FieldReader,
  node: YamlNode | undefined,
): ReadonlyMap<string, DeclaredType> {
  const types = new Map<string, DeclaredType>();
  const members = node === undefined ? undefined : reader.map(node, '`types`');
  for (const [name, { at, node: body }] of members ?? []) {
    if (!checkTypeName(reader, at, name)) continue;
    const fields = reader.fields(body, `the type ${name}`, ['id', 'parents'], []);
    const parentsNode = fields?.get('parents')?.node;
    const items = reader.list(parentsNode, `the parents of ${name}`);
    if (items.length > 0 && isAlone(name))
      reader.say(at, `a ${name} has the parents that its own form gives it; it takes no others`);
    const id = readIdTemplate(reader, fields?.get('id')?.node, name);
    const parents = items.flatMap((item) => {
      const parent = reader.fields(item, `a parent of ${name}`, ['type', 'id'], ['type']);
      const type = readTypeName(reader, parent?.get('type')?.node, `the parent type of ${name}`);
      if (type === undefined) return [];
      const parentId = readIdTemplate(reader, parent?.get('id')?.node, type);
      return [{ type, node: item, ...(parentId === undefined ? {} : { id: parentId }) }];
    });
    types.set(name, { parents, ...(id === undefined ? {} : { id }) });
  }
  return types;
}

/** The parents of a type with theirs, all the way up. A type that lies in itself is a problem of the catalog. */
export function expandParents(
  reader: FieldReader,
  types: ReadonlyMap<string, DeclaredType>,
  type: string,
  below: readonly string[] = [],
): readonly ParentTemplate[] {
  const path = [...below, type];
  return (types.get(type)?.parents ?? []).flatMap((parent) => {
    // The normaliser of a Repo gives its organisation, whatever form the repository was written in.
    if (type === 'Repo' && parent.type === 'Org') return [];
    if (path.includes(parent.type)) {
      reader.say(parent.node.at, `types lie in each other in a circle: ${[...path, parent.type].join(', ')}`);
      return [];
    }
    const id = parent.id ?? types.get(parent.type)?.id;
    if (id === undefined) {
      reader.say(parent.node.at, `the parent ${parent.type} of ${type} needs an \`id\``);
      return [];
    }
    return [{ type: parent.type, id, parents: expandParents(reader, types, parent.type, path) }];
  });
}
