import { didYouMean } from '../../base/nearest.ts';
import type { CatalogProblem, Place, YamlMember, YamlNode } from './yaml-document.ts';

/**
 * Reads the fields of YAML maps against what is known there, and collects every problem on the way: a file shows all
 * that is wrong with it at once. Methods answer undefined where they have said a problem, or where nothing stands.
 */
export class FieldReader {
  readonly file: string;
  readonly problems: CatalogProblem[];
  constructor(file: string, problems: CatalogProblem[]) {
    this.file = file;
    this.problems = problems;
  }

  say(at: Place, message: string, hint?: string): void {
    const { line, column } = at;
    this.problems.push({ file: this.file, line, column, message, ...(hint === undefined ? {} : { hint }) });
  }

  /** The members of a map, all of them among `known`, all of `required` there. */
  fields(
    node: YamlNode,
    what: string,
    known: readonly string[],
    required: readonly string[],
  ): ReadonlyMap<string, YamlMember> | undefined {
    const members = this.map(node, what);
    if (members === undefined) return undefined;
    for (const [key, { at }] of members) {
      if (known.includes(key)) continue;
      const hint = didYouMean(key, known, '`') ?? `known here: ${known.join(', ')}`;
      this.say(at, `the key \`${key}\` is not known in ${what}`, hint);
    }
    for (const key of required) {
      if (!members.has(key)) this.say(node.at, `${what} needs \`${key}\``);
    }
    return members;
  }

  map(node: YamlNode, what: string): ReadonlyMap<string, YamlMember> | undefined {
    if (node.kind === 'map') return node.members;
    this.say(node.at, `${what} must be a map of keys and values`);
    return undefined;
  }

  list(node: YamlNode | undefined, what: string): readonly YamlNode[] {
    if (node === undefined) return [];
    if (node.kind === 'list') return node.items;
    this.say(node.at, `${what} must be a list`);
    return [];
  }

  /** Text that is not empty. */
  text(node: YamlNode | undefined, what: string): string | undefined {
    if (node === undefined) return undefined;
    if (node.kind === 'scalar' && typeof node.value === 'string' && node.value.trim() !== '')
      return node.value;
    this.say(node.at, `${what} must be text, and not empty`);
    return undefined;
  }

  texts(node: YamlNode | undefined, what: string): readonly string[] {
    return this.list(node, what).flatMap((item) => this.text(item, `each of ${what}`) ?? []);
  }

  oneOf<T extends string>(node: YamlNode | undefined, what: string, words: readonly T[]): T | undefined {
    if (node === undefined) return undefined;
    const value = node.kind === 'scalar' ? node.value : undefined;
    const word = words.find((known) => known === value);
    if (word !== undefined) return word;
    const hint = typeof value === 'string' ? didYouMean(value, words, '`') : undefined;
    this.say(node.at, `${what} must be one of ${words.join(', ')}`, hint);
    return undefined;
  }

  /** A list of different words, at least one. */
  someOf<T extends string>(node: YamlNode | undefined, what: string, words: readonly T[]): readonly T[] {
    if (node === undefined) return [];
    const items = this.list(node, what);
    if (node.kind === 'list' && items.length === 0) this.say(node.at, `${what} must not be empty`);
    const found: T[] = [];
    for (const item of items) {
      const word = this.oneOf(item, `each of ${what}`, words);
      if (word === undefined) continue;
      if (found.includes(word)) this.say(item.at, `${what} names \`${word}\` twice`);
      else found.push(word);
    }
    return found;
  }
}
