import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';

const DIRECTORY = join(import.meta.dirname, 'tools');

/** What a server lists, without its prose: the file's name is the catalog's. */
interface ToolFacts {
  readonly catalog: string;
  readonly server: string;
  readonly from: string;
  readonly tools: readonly ToolFact[];
}

interface ToolFact {
  readonly name: string;
  /** Absent where it is documented nowhere. */
  readonly inputSchema?: JsonObject;
  readonly annotations?: JsonObject;
}

export const factNames = (): string[] =>
  readdirSync(DIRECTORY)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length));

export function readToolFacts(catalog: string): ToolFacts {
  return { catalog, ...JSON.parse(readFileSync(join(DIRECTORY, `${catalog}.json`), 'utf8')) };
}

/** The schema at a way into the arguments; `[]` behind a name means its elements. Undefined where there is none. */
export function schemaAt(schema: JsonObject | undefined, path: readonly string[]): JsonObject | undefined {
  let here: JsonObject | undefined = schema;
  for (const step of path) {
    const next: unknown =
      step === '[]'
        ? here?.['items']
        : isJsonObject(here?.['properties'])
          ? here['properties'][step]
          : undefined;
    here = isJsonObject(next) ? next : undefined;
  }
  return here;
}

export function isRequired(schema: JsonObject | undefined, name: string): boolean {
  const required = schema?.['required'];
  return Array.isArray(required) && required.includes(name);
}
