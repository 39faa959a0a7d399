import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';

/**
 * A pinned definition as clients are shown it. Their libraries read a list whole or not at all: one tool whose title is
 * null, or whose schema forgets to say that arguments are an object, would take all tools of all upstreams from `/mcp`.
 * So a member that the protocol makes optional and that is not what it says there is left out, and what goes without
 * saying is said. Nothing else differs, and the pin covers what was listed. `isOlder`: for clients before 2026-07-28,
 * where results are objects. Answers the same object each time, the definition itself where nothing is wrong with it.
 */
export function asShown(definition: JsonObject, isOlder: boolean): JsonObject {
  const known = isOlder ? shownToOlder : shownToNewer;
  let shown = known.get(definition);
  if (shown === undefined) {
    const made = mended(definition, isOlder);
    shown = JSON.stringify(made) === JSON.stringify(definition) ? definition : made;
    known.set(definition, shown);
  }
  return shown;
}

const shownToOlder = new WeakMap<JsonObject, JsonObject>();
const shownToNewer = new WeakMap<JsonObject, JsonObject>();

type Fits = (value: Json) => boolean;

const isText: Fits = (value) => typeof value === 'string';
const isFlag: Fits = (value) => typeof value === 'boolean';
const isNumber: Fits = (value) => typeof value === 'number';
const isRole: Fits = (value) => value === 'user' || value === 'assistant';
const listOf =
  (fits: Fits): Fits =>
  (value) =>
    Array.isArray(value) && value.every(fits);
const isIcon: Fits = (value) => isJsonObject(value) && isText(value['src'] ?? null) && fitsAll(value, ICON);

const MOMENT =
  /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

function isMoment(value: Json): boolean {
  const day = typeof value === 'string' ? (MOMENT.exec(value)?.[1] ?? '') : '';
  const midnight = Date.parse(`${day}T00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
}

const ICON: Readonly<Record<string, Fits>> = {
  mimeType: isText,
  sizes: listOf(isText),
  theme: (value) => value === 'light' || value === 'dark',
};
const ARGUMENT: Readonly<Record<string, Fits>> = { title: isText, description: isText, required: isFlag };
const ANNOTATIONS: Readonly<Record<string, Fits>> = {
  title: isText,
  readOnlyHint: isFlag,
  destructiveHint: isFlag,
  idempotentHint: isFlag,
  openWorldHint: isFlag,
  audience: listOf(isRole),
  priority: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  lastModified: isMoment,
};
const EXECUTION: Readonly<Record<string, Fits>> = {
  taskSupport: (value) => value === 'required' || value === 'optional' || value === 'forbidden',
};
const MEMBERS: Readonly<Record<string, Fits>> = {
  title: isText,
  description: isText,
  mimeType: isText,
  size: isNumber,
  icons: listOf(isIcon),
  annotations: isJsonObject,
  execution: isJsonObject,
  arguments: (value) =>
    Array.isArray(value) && value.every((one) => isJsonObject(one) && isText(one['name'] ?? null)),
  _meta: isJsonObject,
};

function fitsAll(value: JsonObject, members: Readonly<Record<string, Fits>>): boolean {
  return Object.entries(members).every(
    ([name, fits]) => !Object.hasOwn(value, name) || fits(value[name] ?? null),
  );
}

/** Without the known members that are not what they should be. */
function fitting(value: JsonObject, members: Readonly<Record<string, Fits>>): JsonObject {
  return Object.fromEntries(
    Object.entries(value).filter(([name, below]) => !Object.hasOwn(members, name) || members[name]?.(below)),
  );
}

function mended(definition: JsonObject, isOlder: boolean): JsonObject {
  const shown: Record<string, Json> = { ...fitting(definition, MEMBERS) };
  const { annotations, execution, arguments: given, inputSchema, outputSchema } = shown;
  if (isJsonObject(annotations)) shown['annotations'] = fitting(annotations, ANNOTATIONS);
  if (isJsonObject(execution)) shown['execution'] = fitting(execution, EXECUTION);
  if (Array.isArray(given))
    shown['arguments'] = given.map((one) => (isJsonObject(one) ? fitting(one, ARGUMENT) : one));
  if (isJsonObject(inputSchema)) shown['inputSchema'] = ofObjects(inputSchema);
  if (isJsonObject(outputSchema) && isOlder) {
    if (outputSchema['type'] === undefined || outputSchema['type'] === 'object')
      shown['outputSchema'] = ofObjects(outputSchema);
    else delete shown['outputSchema'];
  }
  const address = shown['uri'] ?? shown['uriTemplate'];
  if (typeof address === 'string' && typeof shown['name'] !== 'string') shown['name'] = address;
  return shown;
}

/** A schema of objects that says so, with members that are objects themselves. */
function ofObjects(schema: JsonObject): JsonObject {
  const typed = schema['type'] === 'object' ? schema : { ...schema, type: 'object' };
  const { properties } = typed;
  if (!isJsonObject(properties)) return typed;
  const members = Object.entries(properties).map(([name, below]) => [name, spelledOut(below)]);
  return { ...typed, properties: Object.fromEntries(members) };
}

/** `true` and `false` are schemas too (JSON Schema 2020-12 §4.3.2). */
function spelledOut(schema: Json): Json {
  if (schema === true) return {};
  return schema === false ? { not: {} } : schema;
}
