import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';

/** Where something stands in a file; line and column count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One thing wrong with a catalog or pack file: where, what, and what would help. */
export interface CatalogProblem extends Place {
  readonly file: string;
  readonly message: string;
  readonly hint?: string;
}

/** YAML cut down to what has one meaning: maps with text keys, lists, and scalars, each with its place. */
export type YamlNode =
  | { readonly kind: 'map'; readonly at: Place; readonly members: ReadonlyMap<string, YamlMember> }
  | { readonly kind: 'list'; readonly at: Place; readonly items: readonly YamlNode[] }
  | { readonly kind: 'scalar'; readonly at: Place; readonly value: unknown };

export interface YamlMember {
  /** The place of the key. */
  readonly at: Place;
  readonly node: YamlNode;
}

const START: Place = { line: 1, column: 1 };

/**
 * Reads one YAML 1.2 document. Anchors, aliases, tags, duplicate keys, keys that are no text, and a second document
 * are refused: two readers could take them for two things. Everything found is added to `problems`; null when the
 * text as a whole cannot be read.
 */
export function readYaml(file: string, text: string, problems: CatalogProblem[]): YamlNode | null {
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const say = (at: Place, message: string) => void problems.push({ file, ...at, message });

  let documents: ReturnType<typeof parseAllDocuments>;
  try {
    documents = parseAllDocuments(text, {
      lineCounter: lines,
      version: '1.2',
      schema: 'core',
      uniqueKeys: true,
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    say(START, 'this YAML nests too deep to be read');
    return null;
  }
  const [document, second] = [...documents];
  if (document === undefined) {
    say(START, 'the file is empty');
    return null;
  }
  for (const fault of [...document.errors, ...document.warnings]) {
    say(placeOf(fault.pos[0]), `this is not the YAML that is read here: ${yamlFault(fault)}`);
  }
  if (second !== undefined) {
    say(placeOf(second.range?.[0] ?? 0), 'a second document begins here; a file holds one');
    return null;
  }
  if (document.errors.length > 0) return null;
  return new Simplifier(placeOf, say).simplify(document.contents, START);
}

/** What the parser says, less the place, which stands before it already. */
export function yamlFault({ message }: Error): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}

/** From the parser's nodes to ours; says what has no place in them and goes on with what is left. */
class Simplifier {
  readonly #placeOf: (offset: number) => Place;
  readonly #say: (at: Place, message: string) => void;
  constructor(placeOf: (offset: number) => Place, say: (at: Place, message: string) => void) {
    this.#placeOf = placeOf;
    this.#say = say;
  }

  simplify(node: unknown, near: Place): YamlNode {
    const at = this.#at(node, near);
    if (isAlias(node)) {
      this.#say(at, 'aliases (*name) are not read here; write the value out');
      return { kind: 'scalar', at, value: null };
    }
    if (isMap(node) || isSeq(node) || isScalar(node)) {
      if (node.anchor !== undefined) this.#say(at, 'anchors (&name) are not read here; write the value out');
      if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:'))
        this.#say(at, 'tags (!name) are not read here');
    }
    if (isMap(node)) {
      const members = new Map<string, YamlMember>();
      for (const pair of node.items) {
        const keyAt = this.#at(pair.key, at);
        if (!isScalar(pair.key) || typeof pair.key.value !== 'string') {
          this.#say(keyAt, 'a key must be text');
          continue;
        }
        members.set(pair.key.value, { at: keyAt, node: this.simplify(pair.value, keyAt) });
      }
      return { kind: 'map', at, members };
    }
    if (isSeq(node)) return { kind: 'list', at, items: node.items.map((item) => this.simplify(item, at)) };
    return { kind: 'scalar', at, value: isScalar(node) ? node.value : null };
  }

  #at(node: unknown, near: Place): Place {
    if (!isMap(node) && !isSeq(node) && !isScalar(node) && !isAlias(node)) return near;
    const offset = node.range?.[0];
    return offset === undefined || offset === null ? near : this.#placeOf(offset);
  }
}
