import { type Document, isMap, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from '../../base/nearest.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { OWN_UPSTREAM } from '../../catalog/own-server.ts';
import { yamlFault } from '../../catalog/reading/yaml-document.ts';
import { DRILL_PREFIX, ID_PATTERN } from '../../model/agent.ts';
import { createRedactor } from '../../pipeline/recording/redact.ts';
import { type Configuration, configurationShape } from './shape.ts';

/** One thing wrong with a configuration, or worth a warning: where, what, and what would help. */
export interface ConfigurationProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

interface ReadConfiguration {
  readonly configuration: Configuration;
  readonly warnings: readonly ConfigurationProblem[];
  /** Where in the file a key stands, for what is found wrong with it later. */
  readonly at: Locate;
}

export type Path = readonly PropertyKey[];
/** The position of what stands at a path, or of the nearest enclosing thing that stands in the file. */
export type Locate = (path: Path) => { readonly line: number; readonly column: number };

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
    value = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    return err([{ line: 1, column: 1, message: `this YAML cannot be read: ${String(error)}` }]);
  }

  // What one value cannot show by itself is looked for in any case: a misspelt key must not hide a secret.
  const problems = [...crossCheck(value, at), ...findLiteralSecrets(value, at)];
  const parsed = configurationShape.safeParse(value);
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap((issue) => explainIssue(issue, at)));
  if (!parsed.success || problems.length > 0) return err(problems.sort(byPlace));
  return ok({ configuration: parsed.data, warnings: warnOfUnproved(parsed.data, at), at });
}

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

/** `agents[0].owner` */
export function describe(path: Path): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`))
    .join('');
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

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const isDrills = (id: unknown): id is string => typeof id === 'string' && id.startsWith(DRILL_PREFIX);
const drills = (id: string) =>
  `\`${id}\` begins as the canaries of drills do, which no case looks at; name this one otherwise`;

/**
 * What one value cannot show by itself: ids that exist, once each; what listening beyond loopback needs. Works on the
 * file as it stands: what has another shape than it should is told by the shape.
 */
function crossCheck(file: unknown, at: Locate): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  const say = (path: Path, message: string) => problems.push({ ...at(path), message });
  const { people, agents, points, upstreams, redact, ...rest } = fieldsOf(file);
  const idsOf = (list: unknown) => listOf(list).map((item) => fieldsOf(item)['id']);

  for (const [name, list, what] of [
    ['people', people, 'person'],
    ['agents', agents, 'agent'],
    ['points', points, 'point'],
  ] as const) {
    const seen = new Set<unknown>();
    for (const [i, id] of idsOf(list).entries()) {
      if (id !== undefined && seen.has(id))
        say([name, i, 'id'], `a second ${what} has the id \`${String(id)}\``);
      seen.add(id);
    }
  }
  checkPeople(listOf(agents), new Set(idsOf(people).map(String)), say);
  checkPoints(listOf(points), new Set(idsOf(agents)), say);
  for (const [i, id] of idsOf(agents).entries()) if (isDrills(id)) say(['agents', i, 'id'], drills(id));
  for (const id of Object.keys(fieldsOf(upstreams))) {
    if (isDrills(id)) say(['upstreams', id], drills(id));
    if (!ID_PATTERN.test(id))
      say(['upstreams', id], `the upstream id \`${id}\` must match [a-z][a-z0-9-]{0,31}`);
    if (id === OWN_UPSTREAM)
      say(['upstreams', id], `\`${id}\` is the server that is built in; name this one otherwise`);
  }
  for (const [i, pattern] of listOf(redact).entries()) {
    if (typeof pattern === 'string' && !isPattern(pattern))
      say(['redact', i], `\`redact[${i}]\` is not a regular expression`);
  }
  for (const key of ['listen', 'control', 'brake'] as const) {
    const address = rest[key];
    if (typeof address !== 'string' || !isBeyondLoopback(address)) continue;
    if (rest['tls'] !== undefined || rest['behindProxy'] === true) continue;
    say(
      [key],
      `\`${key}\` is beyond loopback: tokens would travel in the clear; set \`tls\`, or \`behindProxy: true\` where a proxy ends TLS`,
    );
  }
  const { egress, publicUrl } = rest;
  if (typeof egress === 'string' && isBeyondLoopback(egress))
    say(['egress'], '`egress` is beyond loopback: tokens would travel in the clear; keep it on loopback');
  if (typeof publicUrl === 'string' && !isPlaceForPeople(publicUrl))
    say(
      ['publicUrl'],
      '`publicUrl` must be https with a name and nothing behind it: passkeys work nowhere else',
    );
  return problems;
}

/** WebAuthn §5.1.3: a relying party is a domain, so never an address. */
function isPlaceForPeople(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { protocol, hostname, pathname, search, hash } = new URL(text);
  if (protocol !== 'https:' || pathname !== '/' || search !== '' || hash !== '') return false;
  return !/^[\d.]+$|^\[/.test(hostname);
}

type Say = (path: Path, message: string) => void;

function checkPeople(agents: readonly unknown[], people: ReadonlySet<string>, say: Say): void {
  for (const [i, agent] of agents.entries()) {
    const fields = fieldsOf(agent);
    for (const role of ['owner', 'backup'] as const) {
      const id = fields[role];
      if (typeof id !== 'string' || people.has(id)) continue;
      const hint = didYouMean(id, people, '`') ?? 'add them under `people`';
      say(
        ['agents', i, role],
        `the ${role} of agent \`${String(fields['id'])}\`, \`${id}\`, is not among the people; ${hint}`,
      );
    }
  }
}

function checkPoints(points: readonly unknown[], agents: ReadonlySet<unknown>, say: Say): void {
  for (const [i, point] of points.entries()) {
    const fields = fieldsOf(point);
    for (const [j, agent] of listOf(fields['agents']).entries()) {
      if (agents.has(agent)) continue;
      const message = `the point \`${String(fields['id'])}\` speaks for \`${String(agent)}\`, which is no agent here`;
      say(['points', i, 'agents', j], message);
    }
  }
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

/** An address that is no address is told by the shape. */
function isBeyondLoopback(address: string): boolean {
  const host = /^(.+):\d+$/.exec(address)?.[1];
  if (host === undefined || host === 'localhost' || host === '[::1]') return false;
  return !/^127(\.\d{1,3}){3}$/.test(host);
}

export const isSecretReference = (text: string): boolean =>
  /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/.test(text);

const PLAIN_HEADERS = new Set(['accept-language', 'user-agent', 'x-mcp-toolsets', 'x-mcp-readonly']);

/**
 * Secrets are named, never written down: a file like this is copied, committed and shown. Refused is any literal header,
 * and whatever redaction would take for a secret, by itself or by the name before it.
 */
function findLiteralSecrets(file: unknown, at: Locate): ConfigurationProblem[] {
  const redactor = createRedactor();
  const looksSecret = (text: string) => redactor.redact(text) !== text;
  const help = 'name it as `env:NAME` or `file:PATH` instead';
  const problems: ConfigurationProblem[] = [];
  for (const [path, value] of strings(file, [])) {
    const [top, , section, name] = path;
    if (isSecretReference(value) || top === 'redact') continue;
    const inUpstream = top === 'upstreams' && path.length === 4 && typeof name === 'string';
    const setting = revokeSetting(path);
    const header = inUpstream && section === 'headers' ? name : (setting?.header ?? telemetryHeader(path));
    const isPlain = header !== undefined && isPlainHeader(header, setting !== undefined);
    if (header !== undefined && !isPlain)
      problems.push({
        ...at(path),
        message: `the header \`${header}\` holds a literal value; ${SCHEMED.test(value) ? WHOLE : help}`,
      });
    else if (
      looksSecret(value) ||
      (inUpstream && looksSecret(`${name}: ${value}`)) ||
      (setting !== undefined && looksSecret(`${setting.name}: ${value}`))
    )
      problems.push({ ...at(path), message: `\`${describe(path)}\` looks like a secret; ${help}` });
  }
  return problems;
}

const WHOLE = 'put the word before it into the secret too, and name it alone, as `env:NAME` or `file:PATH`';
/** A reference behind the word that HTTP wants there would be sent as it stands. */
const SCHEMED = /^\S+ +(?:env|file):/;

const isPlainHeader = (header: string, inRevoke: boolean): boolean =>
  PLAIN_HEADERS.has(header.toLowerCase()) || (inRevoke && /^(accept|content-type)$/i.test(header));

/** A header or a variable of `upstreams.*.revoke`, or of its `verify`. */
function revokeSetting(path: Path): { readonly name: string; readonly header?: string } | undefined {
  const [top, , key, ...rest] = path;
  if (top !== 'upstreams' || key !== 'revoke') return undefined;
  const [section, name, more] = rest[0] === 'verify' ? rest.slice(1) : rest;
  if (typeof name !== 'string' || more !== undefined) return undefined;
  if (section === 'headers') return { name, header: name };
  return section === 'env' ? { name } : undefined;
}

const telemetryHeader = ([top, section, name]: Path): string | undefined =>
  top === 'telemetry' && section === 'headers' && typeof name === 'string' ? name : undefined;

function* strings(value: unknown, path: Path): Generator<readonly [Path, string]> {
  if (typeof value === 'string') yield [path, value];
  else if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* strings(item, [...path, i]);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* strings(item, [...path, key]);
  }
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
