import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as CedarWasm from '@cedar-policy/cedar-wasm/nodejs';
import { digestOf } from '../../base/hash.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type CedarSchema, contextDigest, SYSTEM, schemaDigest, withContexts } from '../schema/schema.ts';
import {
  type EngineComplaint,
  keepAnswers,
  knownRule,
  knownSet,
  reachForEngine,
  type ValidationFinding,
} from './engine-answers.ts';

/** The official engine, as far as this room uses it: to parse, to validate, and as the oracle. */
export type Cedar = typeof CedarWasm;

const ENGINE = '@cedar-policy/cedar-wasm/nodejs';
let loaded: Cedar | undefined;

/** Loads the engine at its first use (about 40 ms). */
export function cedar(): Cedar {
  loaded ??= createRequire(import.meta.url)(ENGINE) as Cedar;
  return loaded;
}

/**
 * Lets go of the engine until it is asked again: it is 50 MB that an instance at rest has no use for, and another 0.1 s
 * at the next `apply`. Whoever holds an oracle keeps it.
 */
export function forgetEngine(): void {
  if (loaded === undefined) return;
  loaded = undefined;
  const require = createRequire(import.meta.url);
  delete require.cache[require.resolve(ENGINE)];
}

/** As its package says; does not load it. */
export function engineVersion(): string {
  const require = createRequire(import.meta.url);
  const { version } = require(join(dirname(require.resolve(ENGINE)), 'package.json')) as { version: string };
  return version;
}

/** One static rule in Cedar's JSON form. */
export function parseRule(text: string): Result<JsonObject, readonly EngineComplaint[]> {
  const known = knownRule(text);
  if (known !== undefined) return ok(known);
  reachForEngine();
  const answer = guarded(() => cedar().policyToJson(text));
  if (typeof answer === 'string') return err([{ message: answer, atByte: 0 }]);
  if (answer.type === 'failure') return err(answer.errors.map(complaint));
  const json: unknown = answer.json;
  if (!isJsonObject(json)) return err([{ message: 'this is no rule', atByte: 0 }]);
  keepAnswers({ rules: [[text, json]] });
  return ok(json);
}

type Validated = Result<readonly ValidationFinding[], string>;

/** Checks rules, by id, against a schema. Err: the schema itself, or a rule's text, was refused. */
export function validateRules(schema: CedarSchema, rules: Readonly<Record<string, string>>): Validated {
  const digest = digestOf(JSON.stringify([schemaDigest(schema), rules]));
  const known = knownSet(digest);
  if (known !== undefined) return ok(known);
  reachForEngine();
  const answer = askEngine(schema, rules);
  // A failure of the engine itself may be one of this moment.
  if (answer.ok) keepAnswers({ sets: [[digest, answer.value]] });
  return answer;
}

function askEngine(schema: CedarSchema, rules: Readonly<Record<string, string>>): Validated {
  const answer = guarded(() =>
    cedar().validate({ schema: engineSchema(schema), policies: { staticPolicies: { ...rules } } }),
  );
  if (typeof answer === 'string') return err(answer);
  if (answer.type === 'failure') return err(answer.errors.map(({ message }) => message).join('; '));
  const found = (severity: 'error' | 'warning') => (each: CedarWasm.ValidationError) => ({
    ...complaint(each.error),
    rule: each.policyId,
    severity,
  });
  return ok([
    ...answer.validationErrors.map(found('error')),
    ...answer.validationWarnings.map(found('warning')),
  ]);
}

/**
 * The schema as the engine's own type: it is JSON that the engine itself checks. A context that many operations share is
 * written once, as a named type, and so is `context.system`: with thousands of operations that halves the engine's time.
 * These names are in a namespace of their own, where no type of a catalog can be.
 */
export function engineSchema(schema: CedarSchema): CedarWasm.SchemaJson<string> {
  const commonTypes: Record<string, CedarWasm.CommonType<string>> = { System: recordOf(SYSTEM) };
  const names = new Map<string, string>();
  const shared = (context: JsonObject): Json => {
    const digest = contextDigest(context);
    const name = names.get(digest) ?? `Context${names.size}`;
    names.set(digest, name);
    commonTypes[name] = recordOf(context, { system: { type: `${SHARED}::System` } });
    return { type: `${SHARED}::${name}` };
  };
  const actions = withContexts(schema.actions, shared);
  const json: { '': Declared; [SHARED]: Declared } = {
    '': { commonTypes: {}, entityTypes: schema.entityTypes, actions },
    [SHARED]: { commonTypes, entityTypes: {}, actions: {} },
  };
  return json as CedarWasm.SchemaJson<string>;
}

type Types = Record<string, Json>;
interface Declared {
  readonly commonTypes: Record<string, CedarWasm.CommonType<string>>;
  readonly entityTypes: Types;
  readonly actions: Types;
}
const SHARED = 'Lanyard';

/** A record as a type that can be named. `told` replaces some of its attributes. */
function recordOf(record: JsonObject, told: JsonObject = {}): CedarWasm.CommonType<string> {
  const attributes = isJsonObject(record['attributes']) ? record['attributes'] : {};
  return {
    type: 'Record',
    attributes: { ...attributes, ...told } as Record<string, CedarWasm.TypeOfAttribute<string>>,
  };
}

/** A trap in WebAssembly is an exception; depth.ts keeps rules from causing one, and this keeps it a refusal. */
function guarded<T>(call: () => T): T | string {
  try {
    return call();
  } catch (thrown) {
    return `the official Cedar engine failed (${thrown instanceof Error ? thrown.name : 'unknown'})`;
  }
}

function complaint(error: CedarWasm.DetailedError): EngineComplaint {
  const related = error.related?.[0];
  const place = error.sourceLocations?.[0] ?? related?.sourceLocations?.[0];
  const message = error.message
    .replace(/^failed to parse policy (?:with id `[^`]*` )?from string: /, '')
    .replace(/^for policy `[^`]*`, /, '');
  const help = (error.help ?? place?.label)?.replace(/^for policy `[^`]*`, /, '');
  const hints = [help, hintFor(message)].filter((each) => typeof each === 'string');
  const hint = hints.length === 0 ? undefined : hints.join(' or, as ');
  return { message, atByte: place?.start ?? 0, ...(hint === undefined ? {} : { hint }) };
}

/** The engine's most usual complaint, about a rule for many operations of which some lack what it reads. */
function hintFor(message: string): string | undefined {
  const input = /^attribute `input\.([A-Za-z_]\w*)[^`]*` in context for .* not found$/.exec(message)?.[1];
  if (input !== undefined)
    return `not every operation has it: name those that do, or ask first: context.input has ${input} && …`;
  const attribute = /^attribute `([A-Za-z_]\w*)` on entity type `\w+` not found$/.exec(message)?.[1];
  if (attribute === undefined) return undefined;
  return `not every target has it: say resource is …, or ask first: resource has ${attribute} && …`;
}
