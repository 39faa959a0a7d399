import { createRequire } from 'node:module';
import type * as CedarWasm from '@cedar-policy/cedar-wasm/nodejs';
import { digestOf } from '../base/hash.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { CedarSchema } from './schema.ts';

/** The official engine, as far as this room uses it: to parse, to validate, and as the oracle. */
export type Cedar = typeof CedarWasm;

let loaded: Cedar | undefined;

/** Loads the engine at its first use (about 40 ms). */
export function cedar(): Cedar {
  loaded ??= createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs') as Cedar;
  return loaded;
}

/** What the engine says about one rule; offsets are UTF-8 bytes in the text it was given. */
export interface EngineComplaint {
  readonly message: string;
  readonly hint?: string;
  readonly atByte: number;
}

/** One static rule in Cedar's JSON form. */
export function parseRule(text: string): Result<JsonObject, readonly EngineComplaint[]> {
  const answer = guarded(() => cedar().policyToJson(text));
  if (typeof answer === 'string') return err([{ message: answer, atByte: 0 }]);
  if (answer.type === 'failure') return err(answer.errors.map(complaint));
  const json: unknown = answer.json;
  return isJsonObject(json) ? ok(json) : err([{ message: 'this is no rule', atByte: 0 }]);
}

export interface ValidationFinding extends EngineComplaint {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
}

type Validated = Result<readonly ValidationFinding[], string>;

/** What the engine said of rules and a schema, by a digest of both. */
export interface Answered {
  readonly key: string;
  readonly answer: Validated;
}

/** The last of what it said: the engine is the same for the same question, and slow where there is much to check. */
const answers = new Map<string, Validated>();

export function answersGiven(): readonly Answered[] {
  return [...answers].map(([key, answer]) => ({ key, answer }));
}

/** Takes what the engine said elsewhere in this process. */
export function keepAnswers(given: readonly Answered[]): void {
  for (const { key, answer } of given) {
    answers.set(key, answer);
    for (const oldest of answers.keys()) {
      if (answers.size <= LIMITS.engineAnswers) break;
      answers.delete(oldest);
    }
  }
}

/** Checks rules, by id, against a schema. Err: the schema itself, or a rule's text, was refused. */
export function validateRules(schema: CedarSchema, rules: Readonly<Record<string, string>>): Validated {
  const key = digestOf(JSON.stringify([schema, rules]));
  const known = answers.get(key);
  if (known !== undefined) return known;
  const answer = askEngine(schema, rules);
  // A failure of the engine itself may be one of this moment.
  if (answer.ok) keepAnswers([{ key, answer }]);
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

/** The schema as the engine's own type: it is JSON that the engine itself checks. */
export function engineSchema(schema: CedarSchema): CedarWasm.SchemaJson<string> {
  const json: { '': { entityTypes: Record<string, Json>; actions: Record<string, Json> } } = {
    '': { ...schema },
  };
  return json as CedarWasm.SchemaJson<string>;
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
  const hints = [error.help ?? place?.label, hintFor(message)].filter((each) => typeof each === 'string');
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
