import { type Document, isMap, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from '../../base/nearest.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { yamlFault } from '../../catalog/reading/yaml-document.ts';
import { crossCheck } from './cross-check.ts';
import { fieldsOf, listOf } from './fields.ts';
import { findLiteralSecrets } from './literal-secrets.ts';
import { type ConfigurationProblem, describe, type Locate, type Path } from './problem.ts';
import { type Configuration, configurationShape } from './shape.ts';

interface ReadConfiguration {
  readonly configuration: Configuration;
  readonly warnings: readonly ConfigurationProblem[];
  /** Where in the file a key stands, for what is found wrong with it later. */
  readonly at: Locate;
}

/** Reads lanyard.yaml. All problems are found at once; nothing starts while there is one. Pure. */
export function readConfiguration(text: string): Result<ReadConfiguration, readonly ConfigurationProblem[]> {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    merge: false,
    version: '1.2',
  });
  if (document.errors.length > 0) {
    return err(
      document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return { line, column: col, message: `this is not valid YAML: ${yamlFault(error)}` };
      }),
    );
  }
  const at = (path: Path) => locate(document, lines, path);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return err([{ line: 1, column: 1, message: `this YAML cannot be read: ${String(error)}` }]);
  }

  // A save that a full disk cut off leaves this behind; taken, it would take every agent, rule and person away.
  if (value === null || value === undefined) return err([{ line: 1, column: 1, message: SAYS_NOTHING }]);
  // What one value cannot show by itself is looked for in any case: a misspelt key must not hide a secret.
  const problems = [...crossCheck(value, at), ...findLiteralSecrets(value, at)];
  const parsed = configurationShape.safeParse(value);
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap((issue) => explainIssue(issue, at)));
  if (!parsed.success || problems.length > 0) return err(problems.sort(byPlace));
  return ok({ configuration: parsed.data, warnings: warnOfUnproved(parsed.data, at), at });
}

const SAYS_NOTHING = 'the file says nothing at all; an instance without agents and rules is written as `{}`';

interface NamedFiles extends Pick<Configuration, 'packs' | 'policies' | 'catalog'> {
  readonly at: Locate;
}

/** Which packs, rules and catalogs a file names, as far as that can be told where the rest of it cannot be taken. Pure. */
export function filesNamedIn(text: string): NamedFiles {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const file = document.errors.length > 0 ? {} : fieldsOf(document.toJS({ maxAliasCount: 100 }));
  const texts = (value: unknown) => listOf(value).filter((one): one is string => typeof one === 'string');
  return {
    packs: texts(file['packs']),
    policies: texts(file['policies']),
    catalog: texts(file['catalog']),
    at: (path) => locate(document, lines, path),
  };
}

function byPlace(a: ConfigurationProblem, b: ConfigurationProblem): number {
  return a.line - b.line || a.column - b.column;
}

/** The position of the value at `path`, or of the nearest enclosing one that stands in the file. */
function locate(document: Document, lines: LineCounter, path: Path): { line: number; column: number } {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true) ?? document.contents;
    const key = path[length - 1];
    const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === String(key)) : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, length), true);
    const range = (node as { range?: readonly number[] } | undefined)?.range;
    if (range?.[0] !== undefined) {
      const { line, col } = lines.linePos(range[0]);
      return { line, column: col };
    }
  }
  return { line: 1, column: 1 };
}

function explainIssue(issue: z.core.$ZodIssue, at: Locate): ConfigurationProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = keysAt(issue.path);
      const hint = didYouMean(key, known, '`') ?? `known here: ${known.join(', ')}`;
      return {
        ...at([...issue.path, key]),
        message: `the key \`${describe([...issue.path, key])}\` is not known; ${hint}`,
      };
    });
  }
  const where = issue.path.length === 0 ? 'the file' : `\`${describe(issue.path)}\``;
  return [{ ...at(issue.path), message: `${where} ${phrase(issue)}` }];
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function phrase(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    const missing = issue.message.includes('received undefined');
    return missing ? 'is missing' : `must be ${KINDS[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  return issue.message;
}

/** The keys that the shape knows at a path, for "did you mean". */
function keysAt(path: Path): string[] {
  let shape: unknown = configurationShape;
  for (const part of path) shape = stepInto(unwrap(shape), part);
  const object = unwrap(shape) as { shape?: Record<string, unknown> } | undefined;
  return Object.keys(object?.shape ?? {});
}

function stepInto(shape: unknown, part: PropertyKey): unknown {
  const node = shape as
    | { shape?: Record<PropertyKey, unknown>; element?: unknown; valueType?: unknown }
    | undefined;
  return node?.shape?.[part] ?? node?.element ?? node?.valueType;
}

/** Through defaults and optionals to the shape itself. */
function unwrap(shape: unknown): unknown {
  let inner = shape as { def?: { innerType?: unknown } } | undefined;
  while (inner?.def?.innerType !== undefined) inner = inner.def.innerType as typeof inner;
  return inner;
}

/** A step that says it has revoked has not shown it. */
function warnOfUnproved({ upstreams }: Configuration, at: Locate): ConfigurationProblem[] {
  return Object.entries(upstreams).flatMap(([id, { revoke }]) =>
    revoke === undefined || revoke.verify !== undefined
      ? []
      : [
          {
            ...at(['upstreams', id, 'revoke']),
            message: `\`upstreams.${id}.revoke\` has no \`verify\`, a read that must be refused afterwards: a revoke is not proved, and pages somebody each time`,
          },
        ],
  );
}
