import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Listed } from '../../catalog/pins/definition.ts';
import { compileInForce } from '../../pipeline/in-force.ts';
import type { Generation } from '../../pipeline/ports/call.ts';
import { realOrPlanned } from '../files.ts';
import { placesThatDiffer } from '../in-force/changes.ts';
import { encodeSet, readRuleSet } from '../in-force/rule-set.ts';
import { type OfflineFiles, openFiles } from '../lab/offline.ts';
import { stateOf } from '../log/state-of.ts';
import type { StateDirectory } from '../state-directory.ts';
import { tell } from './operator.ts';

/** What doctor was asked to look at: what is in force (before any start: what the files say), and whether it runs. */
export interface Examined {
  readonly configPath: string;
  readonly state: StateDirectory;
  readonly files: OfflineFiles;
  /** The operator socket, where an instance answers on it. */
  readonly running: string | null;
  /** Remarks that are no findings, a sentence each. */
  readonly notes: readonly string[];
}

export async function examine(configPath: string, environment: NodeJS.ProcessEnv): Promise<Examined> {
  const state = stateOf(configPath);
  const files = await openFiles(configPath, environment);
  const running = await answeringSocket(state);
  const onDisk = readRuleSet(configPath);
  const notes: string[] = [];
  if (files.store === null) notes.push('Nothing was ever started here; what the files say was looked at.');
  else if (!onDisk.ok) notes.push('The files cannot be read; what was last applied was looked at.');
  else if (encodeSet(onDisk.value.set) !== files.resolved.text)
    notes.push(
      `The files differ from what is in force; what is in force was looked at. See ./lanyard apply --dry-run. ${placesThatDiffer(files.resolved.set, onDisk.value.set).join('; ')}`,
    );
  if (running === null)
    notes.push(
      'No instance runs here now, so no agent gets anything through it: start it with ./lanyard up.',
    );
  else notes.push(...(await whoIsNotReached(running)), ...(await drillsToLookAt(running)));
  return { configPath, state, files, running, notes };
}

/** With what a first look at the servers has pinned: what they offer is part of what rules are read by. */
export function withPinned(examined: Examined): Examined {
  const { resolved, pins } = examined.files;
  const inForce = compileInForce(resolved.parts, pins, 'hide');
  // Where it cannot be read so, the mirror says it: it does not start, or has another digest.
  return inForce.ok ? { ...examined, files: { ...examined.files, inForce: inForce.value } } : examined;
}

/** Of the running instance: what it could not deliver, and people whom it cannot reach. */
async function whoIsNotReached(socket: string): Promise<string[]> {
  const { undelivered, unreached } = (await tell(socket, 'GET /v1/inbox')).json;
  const lanes = (Array.isArray(undelivered) ? undelivered : []).map((one) => (isJsonObject(one) ? one : {}));
  const people = (Array.isArray(unreached) ? unreached : []).map(String);
  return [
    ...lanes.map(
      ({ lane, code, count }) =>
        `Messages could not be delivered (${String(lane)}: ${String(code)}, ${String(count)} given up on); see ./lanyard inbox.`,
    ),
    ...(people.length === 0
      ? []
      : [
          `No channel reaches ${people.join(', ')}: what waits for them shows in ./lanyard inbox alone (\`notify\`).`,
        ]),
  ];
}

/** Of the running instance: agents of which nobody knows that a stop holds. */
async function drillsToLookAt(socket: string): Promise<string[]> {
  const { drills } = (await tell(socket, 'GET /v1/status')).json;
  const of = (state: string) => {
    const found = isJsonObject(drills) ? drills[state] : null;
    return (Array.isArray(found) ? found : []).map(String);
  };
  return [
    ...of('overdue').map(
      (agent) =>
        `A drill of ${agent} was due and could not be done, so nobody knows whether a stop would hold: ./lanyard drill agent:${agent} says why.`,
    ),
    ...of('failed').map(
      (agent) =>
        `The last drill of ${agent} found that a stop does not hold everywhere: ./lanyard drill agent:${agent} says where.`,
    ),
  ];
}

async function answeringSocket(state: StateDirectory): Promise<string | null> {
  if (!existsSync(state.socket)) return null;
  try {
    await tell(state.socket, 'GET /v1/status');
    return state.socket;
  } catch {
    return null;
  }
}

/** What an upstream is pinned to, as a canary can list it; empty where it was never pinned. */
export function offersOf({ pins }: OfflineFiles, upstream: string): Map<Generation, Listed> {
  const offers = new Map<Generation, Listed>();
  for (const generation of pins.generations(upstream)) {
    const pinned = [...pins.pinned(upstream, generation).values()];
    if (pinned.length === 0) continue;
    const of = (kind: string) =>
      pinned.filter((one) => one.kind === kind).map(({ text }) => JSON.parse(text) as JsonObject);
    const [about = {}] = of('server');
    const { server, instructions } = about;
    offers.set(generation, {
      server:
        typeof server === 'object' && server !== null && !Array.isArray(server)
          ? (server as Listed['server'])
          : {},
      ...(typeof instructions === 'string' ? { instructions } : {}),
      tools: of('tool'),
      prompts: of('prompt'),
      resources: [],
      resourceTemplates: of('template'),
    });
  }
  return offers;
}

/** A directory for doctor's own that no server serves, short enough for sockets; a sentence where there is none. */
export function groundParent({ files }: Examined): Result<string, string> {
  const roots = files.resolved.parts.upstreams.flatMap(({ place }) => place.roots);
  const candidates = [tmpdir(), '/tmp', '/var/tmp', '/dev/shm'].map(realOrPlanned);
  const free = candidates.find(
    (path) =>
      existsSync(path) &&
      path.length <= LONGEST_PARENT &&
      !roots.some((root) => `${path}/`.startsWith(root === '/' ? '/' : `${root}/`)),
  );
  return free === undefined
    ? err('every temporary directory is served by one of your servers, so doctor has nowhere to work')
    : ok(free);
}

/** `<parent>/lanyard-doctor-XXXXXX/laboratory/state/operator.sock` must fit into 100 bytes. */
const LONGEST_PARENT = 40;
