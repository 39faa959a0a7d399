import { systemClock } from '../../base/clock.ts';
import { createIds } from '../../base/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { Budgets } from '../../containment/budgets.ts';
import { Marks, Past } from '../../history/index.ts';
import type { Agent } from '../../model/agent.ts';
import { NO_PAST } from '../../model/past.ts';
import { policyRequest } from '../../pipeline/action/decide.ts';
import { type Prepared, prepare } from '../../pipeline/action/prepare.ts';
import { worldOf } from '../../pipeline/in-force.ts';
import { createRedactor } from '../../pipeline/recording/redact.ts';
import { createScrubber } from '../../pipeline/recording/scrub.ts';
import { createOracle, type Oracle } from '../../policy/index.ts';
import { machineFiles } from '../files.ts';
import type { OfflineFiles } from '../lab/offline.ts';

/** A call that doctor thought of, and what the official Cedar engine says your rules make of it. */
export interface Candidate {
  readonly tool: string;
  readonly args: JsonObject;
  readonly expected: 'allow' | 'review' | 'deny';
  readonly code: string;
  readonly rules: readonly string[];
}

const MOST_TOOLS = 80;

/**
 * Calls of one agent to one upstream, made up from the pinned schemas. What is expected comes from the official engine
 * and not from ours: the two must agree, and only what reaches the canary decides who is right.
 */
export class Candidates {
  readonly #files: OfflineFiles;
  readonly #oracle: Oracle;
  readonly #kept = new Map<string, readonly Candidate[]>();

  constructor(files: OfflineFiles) {
    this.#files = files;
    const { parts } = files.resolved;
    this.#oracle = createOracle(files.inForce.policy, worldOf(parts, files.inForce.upstreams, files.pins));
  }

  of(agent: Agent, upstream: string): readonly Candidate[] {
    const key = `${agent.id} ${upstream}`;
    const known = this.#kept.get(key) ?? this.#think(agent, upstream);
    this.#kept.set(key, known);
    return known;
  }

  #think(agent: Agent, upstream: string): Candidate[] {
    const place = this.#files.inForce.upstreams.get(upstream)?.place;
    const roots = place === undefined ? [] : [...place.roots, place.cwd];
    const tools = [...this.#files.pins.of(upstream).values()].filter(({ kind }) => kind === 'tool');
    return tools
      .slice(0, MOST_TOOLS)
      .flatMap(({ name, inputSchema }) =>
        samplesOf(inputSchema ?? {}, roots[0] ?? '/').flatMap(
          (args) => this.#judge(agent, upstream, name, args) ?? [],
        ),
      );
  }

  #judge(agent: Agent, upstream: string, tool: string, args: JsonObject): Candidate | null {
    const { inForce, halt, pins, resolved, set } = this.#files;
    const rooms = {
      clock: systemClock,
      ids: createIds(systemClock),
      halt,
      pins,
      // A canary's session has read nothing yet.
      marks: new Marks(),
      past: new Past(),
      budgets: new Budgets(),
      files: machineFiles,
      protectedPaths: resolved.protectedPaths,
      scrubber: createScrubber([]),
      redactor: createRedactor(set.configuration.redact),
      report: () => undefined,
    };
    const attempt = {
      agent: agent.id,
      token: '',
      session: 'doctor',
      door: 'mcp',
      upstream,
      method: 'tools/call',
      name: tool,
      arguments: args,
    } as const;
    const [generation = '2026'] = pins.generations(upstream);
    const prepared = prepare(rooms, inForce, attempt, generation);
    if (prepared.kind === 'refused' || prepared.blocked !== null) return null;
    return { tool, args, ...this.#expect(prepared) };
  }

  #expect(prepared: Prepared): Omit<Candidate, 'tool' | 'args'> {
    const level = this.#files.halt.levelOf(prepared.agent);
    if (level === 'frozen' || level === 'killed') return { expected: 'deny', code: 'FROZEN', rules: [] };
    const request = policyRequest(prepared, level, systemClock.now(), { marks: [], past: NO_PAST });
    const answers = prepared.action.targets.map((target) => this.#oracle.decide(request, target));
    const worst =
      answers.find(({ decision }) => decision === 'deny') ??
      answers.find(({ decision }) => decision === 'review') ??
      answers[0];
    if (worst === undefined) return { expected: 'deny', code: 'DECISION_FAILED', rules: [] };
    const entry = this.#files.inForce.upstreams.get(prepared.action.upstream)?.entryOf(prepared.action.name);
    const held = level === 'watched' && entry?.risk !== 'read' && worst.decision === 'allow';
    if (held) return { expected: 'review', code: 'APPROVAL_UNAVAILABLE', rules: ['lanyard:watched'] };
    return { expected: worst.decision, code: worst.code ?? '', rules: worst.rules };
  }
}

/** Arguments that should fit a schema: one plain set, and one that names a hidden file where there is a path. */
function samplesOf(schema: JsonObject, root: string): JsonObject[] {
  const plain = sample(schema, 'text', `${root}/lanyard-doctor-canary.txt`, 0);
  const hidden = sample(schema, 'text', `${root}/.lanyard-doctor-canary`, 0);
  const sets = [plain, hidden].filter(isJsonObject);
  return JSON.stringify(sets[0]) === JSON.stringify(sets[1]) ? sets.slice(0, 1) : sets;
}

const PATH_NAMES = /path|file|dir|source|destination|root|folder/i;
const DEEPEST = 6;

function sample(schema: Json | undefined, name: string, path: string, depth: number): Json {
  if (!isJsonObject(schema) || depth > DEEPEST) return 'canary';
  if (schema['default'] !== undefined) return schema['default'];
  if (schema['const'] !== undefined) return schema['const'];
  const { enum: choices, anyOf, oneOf } = schema;
  for (const list of [choices]) if (Array.isArray(list) && list[0] !== undefined) return list[0];
  for (const list of [anyOf, oneOf]) if (Array.isArray(list)) return sample(list[0], name, path, depth + 1);
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  switch (type) {
    case 'object':
      return sampleObject(schema, path, depth);
    case 'array':
      return [sample(schema['items'], name, path, depth + 1)];
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return type === undefined && isJsonObject(schema['properties'])
        ? sampleObject(schema, path, depth)
        : sampleText(schema, name, path);
  }
}

function sampleObject(schema: JsonObject, path: string, depth: number): JsonObject {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  return Object.fromEntries(required.map((key) => [key, sample(properties[key], key, path, depth + 1)]));
}

function sampleText(schema: JsonObject, name: string, path: string): string {
  if (PATH_NAMES.test(name)) return path;
  if (schema['format'] === 'uri' || /url|uri/i.test(name)) return 'https://canary.invalid/';
  const least = typeof schema['minLength'] === 'number' ? schema['minLength'] : 0;
  return 'canary'.padEnd(Math.min(least, 1000), 'y');
}
