import { readFileSync, statSync } from 'node:fs';
import { fileFault } from '../../base/file-fault.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { parseJson, UPSTREAM_BOUNDS } from '../../base/json-text.ts';
import { LIMITS } from '../../base/limits.ts';
import { withoutWide } from '../../base/wide-number.ts';
import { draftCatalog, type ListedTool, type Offered } from '../../catalog/draft/draft.ts';
import { type Definition, readListed } from '../../catalog/pins/definition.ts';
import { StartFailure } from '../start-failure.ts';
import { unknownUpstream } from '../unknown.ts';
import { openFiles } from './offline.ts';

interface CatalogDraft {
  /** A catalog, as YAML for a person to edit. */
  readonly text: string;
  /** Listed, and never shown to an agent, so without an entry: a line each. */
  readonly hidden: readonly string[];
}

/** A draft from what an upstream is pinned with, whether or not an instance runs. Changes nothing. */
export async function draftFromPins(
  config: string,
  environment: NodeJS.ProcessEnv,
  upstream: string,
): Promise<CatalogDraft> {
  const files = await openFiles(config, environment);
  try {
    const unknown = unknownUpstream(upstream, Object.keys(files.set.configuration.upstreams));
    if (unknown !== null) throw new StartFailure([unknown.sentence]);
    const pinned = [...files.pins.of(upstream).values()];
    if (pinned.length === 0)
      throw new StartFailure([
        `Nothing is pinned of ${upstream} yet: start an instance so that it is connected once, or give its list with --from.`,
      ]);
    return { text: draft(upstream, pinned), hidden: [] };
  } finally {
    await files.close();
  }
}

/** A draft from a `tools/list` result in a file: the whole response, its result, or the list alone. */
export function draftFromFile(path: string, name: string): CatalogDraft {
  const parsed = parseJson(bytesIn(path), UPSTREAM_BOUNDS);
  if (!parsed.ok) throw new StartFailure([`${path} is no list of tools: ${parsed.error.sentence}`]);
  const tools = toolsIn(withoutWide(parsed.value));
  if (tools === undefined)
    throw new StartFailure([`${path} is no list of tools: it holds no \`tools\` that is a list of objects.`]);
  const none: readonly JsonObject[] = [];
  const read = readListed({ server: {}, tools, prompts: none, resources: none, resourceTemplates: none });
  if (!read.ok) throw new StartFailure([`${path}: ${read.error}.`]);
  return {
    text: draft(name, read.value.definitions),
    hidden: read.value.hidden.map(
      (one) => `${one.name === '' ? 'a tool' : one.name}: ${one.why} (${one.code})`,
    ),
  };
}

function bytesIn(path: string): Buffer {
  try {
    if (statSync(path).size <= LIMITS.upstreamMessageBytes) return readFileSync(path);
  } catch (error) {
    throw new StartFailure([`${path} cannot be read: ${fileFault(error, 'read')}.`]);
  }
  throw new StartFailure([`${path} is larger than ${LIMITS.upstreamMessageBytes} bytes.`]);
}

function toolsIn(value: Json): readonly JsonObject[] | undefined {
  if (Array.isArray(value)) return value.every(isJsonObject) ? value : undefined;
  if (!isJsonObject(value)) return undefined;
  const inside = value['result'] ?? value['tools'];
  return inside === undefined ? undefined : toolsIn(inside);
}

function draft(name: string, definitions: readonly Definition[]): string {
  const kinds = new Set(definitions.map(({ kind }) => kind));
  const offered: Offered = {
    tools: definitions.flatMap((definition) => listedTool(definition)),
    resources: kinds.has('resource') || kinds.has('template'),
    prompts: kinds.has('prompt'),
  };
  const text = draftCatalog(name, offered);
  if (!text.ok) throw new StartFailure([`No catalog could be drafted for ${name}: ${text.error}.`]);
  return text.value;
}

function listedTool({ kind, name, text }: Definition): ListedTool[] {
  if (kind !== 'tool') return [];
  const json: Json = JSON.parse(text);
  if (!isJsonObject(json) || !isJsonObject(json['inputSchema'])) return [];
  const { inputSchema, annotations } = json;
  return [{ name, inputSchema, ...(isJsonObject(annotations) ? { annotations } : {}) }];
}
