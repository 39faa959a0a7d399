import { canonicalize } from '../../base/canonical.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { digestOf } from '../../base/hash.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { isPromptName, isToolName } from '../listed-name.ts';

export const DEFINITION_KINDS = ['tool', 'prompt', 'resource', 'template', 'server'] as const;
export type DefinitionKind = (typeof DEFINITION_KINDS)[number];

/** One thing that an upstream lists, as it is pinned. */
export interface Definition {
  readonly kind: DefinitionKind;
  /** A tool's or prompt's name, a resource's URI, a template's URI template; of the server itself `server`. */
  readonly name: string;
  /**
   * RFC 8785 text of all that was listed, `_meta` and members that nobody knows included: whatever a model or a client
   * may read of it may carry an instruction. A server that changes a member on every listing cannot be pinned.
   */
  readonly text: string;
  /** `sha256:` of the text. */
  readonly digest: string;
}

/** Something listed that is not taken, and why; shown to a person, hidden from agents. */
export interface Hidden {
  readonly kind: DefinitionKind;
  readonly name: string;
  readonly code: Extract<ErrorCode, 'LISTED_TWICE' | 'SCHEMA_UNUSABLE' | 'DEFINITION_UNUSABLE'>;
  readonly why: string;
}

/** What an upstream lists, every page of it. */
export interface Listed {
  readonly server: JsonObject;
  readonly instructions?: string;
  readonly tools: readonly JsonObject[];
  readonly prompts: readonly JsonObject[];
  readonly resources: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
}

interface ReadListed {
  readonly definitions: readonly Definition[];
  readonly hidden: readonly Hidden[];
}

const NAMED_BY = { tool: 'name', prompt: 'name', resource: 'uri', template: 'uriTemplate' } as const;

/** The definition of one listed thing. The error is why it is hidden. */
export function definitionOf(kind: DefinitionKind, json: JsonObject): Result<Definition, Hidden> {
  const name = kind === 'server' ? 'server' : json[NAMED_BY[kind]];
  const hide = (why: string, code: Hidden['code'] = 'DEFINITION_UNUSABLE') =>
    err({ kind, name: typeof name === 'string' ? name : '', code, why });
  if (typeof name !== 'string' || name === '')
    return hide(`it has no ${kind === 'server' ? 'name' : NAMED_BY[kind]}`);
  if (kind === 'tool' && !isToolName(name))
    return hide('its name is not of 1 to 128 letters, digits, "_", "." and "-"');
  if (kind === 'prompt' && !isPromptName(name))
    return hide(`its name holds a control character, or more than ${LIMITS.callerNameLength} characters`);
  if (name.length > LIMITS.targetIdLength)
    return hide(`its name is longer than ${LIMITS.targetIdLength} characters`);
  if (kind === 'tool') {
    for (const member of ['inputSchema', 'outputSchema'] as const) {
      const why = faultOfSchema(json[member], member === 'inputSchema');
      if (why !== null) return hide(`its ${member} ${why}`, 'SCHEMA_UNUSABLE');
    }
  }
  let text: string;
  try {
    text = canonicalize(json);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return hide('it has no canonical form');
    throw error;
  }
  if (Buffer.byteLength(text) > LIMITS.definitionBytes)
    return hide(`it is larger than ${LIMITS.definitionBytes} bytes`);
  return ok({ kind, name, text, digest: digestOf(text) });
}

function faultOfSchema(schema: Json | undefined, required: boolean): string | null {
  if (schema === undefined) return required ? 'is missing' : null;
  if (!isJsonObject(schema)) return 'is no object';
  if (depthWithin(schema, LIMITS.schemaDepth) === false)
    return `nests deeper than ${LIMITS.schemaDepth} levels`;
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  return bytes > LIMITS.schemaBytes ? `is larger than ${LIMITS.schemaBytes} bytes` : null;
}

function depthWithin(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  return Object.values(value).every((member: Json) => depthWithin(member, levels - 1));
}

/**
 * All definitions of an upstream. A name that stands twice in one list is hidden each time, also where one of the two
 * could not be used by itself: which of them would run cannot be known. More than LIMITS.definitionsPerUpstream is an
 * error: a part of a list pins nothing.
 */
export function readListed(listed: Listed): Result<ReadListed, string> {
  const { server, instructions, tools, prompts, resources, resourceTemplates } = listed;
  const count = tools.length + prompts.length + resources.length + resourceTemplates.length;
  if (count > LIMITS.definitionsPerUpstream)
    return err(`it lists ${count} definitions, more than ${LIMITS.definitionsPerUpstream}`);
  const read = [
    definitionOf('server', instructions === undefined ? { server } : { server, instructions }),
    ...tools.map((json) => definitionOf('tool', json)),
    ...prompts.map((json) => definitionOf('prompt', json)),
    ...resources.map((json) => definitionOf('resource', json)),
    ...resourceTemplates.map((json) => definitionOf('template', json)),
  ];
  const twice = namedTwice(read);
  const definitions = read.flatMap((one) => (one.ok && !twice.has(keyOf(one.value)) ? [one.value] : []));
  const flawed = read.flatMap((one) => (one.ok || twice.has(keyOf(one.error)) ? [] : [one.error]));
  return ok({ definitions, hidden: [...flawed, ...twice.values()] });
}

function namedTwice(read: readonly Result<Definition, Hidden>[]): ReadonlyMap<string, Hidden> {
  const met = new Set<string>();
  const twice = new Map<string, Hidden>();
  for (const one of read) {
    const { kind, name } = one.ok ? one.value : one.error;
    const key = keyOf({ kind, name });
    if (name !== '' && met.has(key))
      twice.set(key, { kind, name, code: 'LISTED_TWICE', why: 'its name is listed more than once' });
    met.add(key);
  }
  return twice;
}

/** What a definition is found by among those of its upstream: `tool echo`. */
export function keyOf({ kind, name }: Pick<Definition, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}
