import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/base/json.ts';
import type { Entry } from '../../src/contract/log-entry.ts';
import type { Operations } from '../../src/control/operations.ts';
import { type Report, verifyStored } from '../../src/ledger/verify/index.ts';
import { build } from '../../src/main/build.ts';
import { layFoundation } from '../../src/main/foundation.ts';
import type { House } from '../../src/main/house.ts';
import { firstApply } from '../../src/main/in-force/first-apply.ts';
import { decodeSet, readRuleSet } from '../../src/main/in-force/rule-set.ts';
import { keyOf } from '../../src/main/log/open-log.ts';
import { recallSet } from '../../src/main/memory.ts';
import { createOperations } from '../../src/main/operations.ts';
import { openSignerOf, openStateDirectory } from '../../src/main/state-directory.ts';
import { openNotifying } from '../../src/main/watching/notifying.ts';
import type { Attempt } from '../../src/model/action.ts';
import { Admission } from '../../src/pipeline/action/admission.ts';
import { recoverMarks } from '../../src/pipeline/action/marks.ts';
import { openCorridor } from '../../src/pipeline/corridor.ts';
import { operate } from '../../src/pipeline/operate.ts';
import type { Answer } from '../../src/pipeline/ports/answer.ts';
import type { CallControl, Generation } from '../../src/pipeline/ports/call.ts';
import type { Corridor } from '../../src/pipeline/ports/corridor.ts';
import { closeUnfinished, type Unfinished } from '../../src/pipeline/recover.ts';
import type { Rooms } from '../../src/pipeline/rooms.ts';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import type { BodyPart, Store } from '../../src/store/store.ts';
import { CountingUpstream, tool } from './counting-upstream.ts';
import { type AppendFault, FaultyStore } from './faulty-store.ts';

/** The secret that the configuration names for the upstream. */
export const SECRET = 'correct horse/battery+staple="42"';

const TEXT = { type: 'string' };
/** Arguments of every kind that rules can see, each of which may be left out but the text. */
const MIXED = {
  name: 'mixed',
  inputSchema: {
    type: 'object',
    properties: {
      text: TEXT,
      count: { type: 'integer' },
      ratio: { type: 'number' },
      on: { type: 'boolean' },
      'a name': { type: ['string', 'integer'] },
      tags: { type: 'array', items: TEXT },
      place: { type: 'object', properties: { x: { type: 'integer' }, y: TEXT }, required: ['x'] },
    },
    required: ['text'],
    additionalProperties: true,
  },
};
const TOOLS = [
  tool('look', { id: TEXT }),
  tool('write', { path: TEXT, text: TEXT }),
  tool('post', { text: TEXT }),
  tool('tally', { count: { type: 'integer' } }),
  tool('unlisted-class', {}),
  tool('trusted', {}),
  MIXED,
];

const CATALOG = `catalog: box
operations:
  look: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: Nothing, targets: [{ type: Thing, id: "{id}" }] }
  write: { risk: draft, effect: [update], reversibility: reversible, audience: self, worst: Loses a file, targets: [{ type: Path, id: "{path}" }] }
  post: { risk: external, effect: [send], reversibility: irreversible, audience: public, worst: Says it to everybody }
  tally: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: Nothing }
  trusted: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: Nothing, source: trusted, sensitivity: internal }
  mixed: { risk: external, effect: [send], reversibility: irreversible, audience: public, worst: Says it to everybody }
  resources/read: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: Nothing, targets: [{ type: Page, id: "{uri}" }] }
  prompts/get: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: Nothing }
`;

const RULES = `@id("reads") @need("Reads what it writes about")
permit (principal, action in Action::"risk:read", resource);
@id("drafts") @need("Writes drafts")
permit (principal, action in Action::"risk:draft", resource);
@id("unclassified") @need("Its owner may say yes")
permit (principal, action in Action::"risk:unclassified", resource);
@id("no-ghosts") @reason("Nobody looks at ghosts")
forbid (principal, action, resource is Thing) when { resource.id like "ghost*" };
@id("counts")
forbid (principal, action == Action::"mcp:box/tally", resource)
when { context.input.count * 9007199254740000 < 0 };
`;

export interface HouseOptions {
  /** More people, as YAML list items. */
  readonly people?: string;
  /** More operations of the catalog, as YAML. */
  readonly catalog?: string;
  /** More lines of lanyard.yaml. */
  readonly configuration?: string;
  /** The generation that the upstream speaks; 2026 otherwise. */
  readonly speaks?: Generation;
  /** What the upstream may ask; nothing otherwise. */
  readonly may?: readonly string[];
  /** How the secret of the upstream is revoked, as YAML. */
  readonly revoke?: string;
  /** The limits of the agent `writer`, as YAML. */
  readonly limits?: string;
  /** More tools of the upstream. */
  readonly tools?: readonly { readonly name: string; readonly inputSchema: JsonObject }[];
  readonly rules?: string;
  /** In place of the rules that there are otherwise. */
  readonly onlyRules?: string;
  /** How the record of the first pins goes wrong. */
  readonly pinFault?: AppendFault;
}

export interface Sight {
  readonly entries: readonly Entry[];
  readonly report: Report;
}

const TOKENS = ['t', 't1', 't2', 't3', 'u'];

/** A house with everything real but the doors and the upstream, on a store whose appends can be made to fail. */
export class TestHouse {
  readonly store: FaultyStore;
  readonly house: House;
  readonly rooms: Rooms;
  readonly corridor: Corridor;
  readonly upstream: CountingUpstream;
  readonly unfinished: readonly Unfinished[];
  readonly told: string[];
  readonly directory: string;
  /** What an operator's socket offers. */
  readonly operations: Operations;

  private constructor(parts: {
    store: FaultyStore;
    house: House;
    rooms: Rooms;
    upstream: CountingUpstream;
    unfinished: readonly Unfinished[];
    told: string[];
    directory: string;
    operations: Operations;
  }) {
    this.store = parts.store;
    this.house = parts.house;
    this.rooms = parts.rooms;
    this.upstream = parts.upstream;
    this.unfinished = parts.unfinished;
    this.told = parts.told;
    this.directory = parts.directory;
    this.operations = parts.operations;
    this.corridor = openCorridor(parts.rooms, parts.house.standing, parts.house.tokens);
  }

  /** A new state, or with `directory` the one that is there: the order of a start, without doors. */
  static async open(options: HouseOptions = {}, directory = newDirectory(options)): Promise<TestHouse> {
    const configPath = join(directory, 'lanyard.yaml');
    const read = readRuleSet(configPath);
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    const state = openStateDirectory(read.value.state);
    const signer = openSignerOf(state);
    const store = new FaultyStore(await openSqlite(state.log));
    const told: string[] = [];
    const foundation = await layFoundation(store, signer, (line) => told.push(line));
    // What attempts here name, for nobody comes in by a door; of no agent, so that a revocation is about others.
    for (const id of TOKENS)
      foundation.tokens.put({ id, agent: 'none', hash: '', expiresAtMs: Number.POSITIVE_INFINITY });
    const text = await recallSet(store);
    const around = { configPath, state: state.path, environment: { BOX_KEY: SECRET } };
    const built = await build(foundation, text === null ? read.value.set : decodeSet(text), around, 'hide');
    if (!built.ok) throw new Error(built.lines.join('\n'));
    if (text === null)
      await operate(foundation.ground, { by: 'start' }, firstApply(foundation, built, ['first start']));
    const unfinished = await closeUnfinished(store, foundation.recorder, {
      marksOf: (decided) => recoverMarks(foundation.marks, decided, foundation.clock.now()),
    });
    await built.house.rooms.approvals.recall(store);
    built.house.rooms.approvals.start();
    await built.house.rooms.grants.recall(store);
    built.house.rooms.grants.start();
    const prompts = [{ name: 'greet', arguments: [{ name: 'who', required: true }] }];
    const upstream = new CountingUpstream(
      'box',
      [...TOOLS, ...(options.tools ?? [])],
      { prompts },
      options.speaks,
    );
    const rooms: Rooms = {
      ...built.house.rooms,
      upstreams: upstream,
      admission: new Admission(foundation.clock, (id) => built.house.standing.inForce.agents.get(id)),
    };
    if (options.pinFault !== undefined) store.faultNext(options.pinFault);
    built.house.standing.onListed('box', upstream.speaks, upstream.definitions);
    await foundation.recorder.checkpoint().catch(() => undefined);
    const operations = createOperations(built.house, around, openNotifying(built.house, directory), () => '');
    return new TestHouse({
      store,
      house: built.house,
      rooms,
      upstream,
      unfinished,
      told,
      directory,
      operations,
    });
  }

  /** One attempt of `writer` (or another agent) at a tool. */
  act(
    name: string,
    args: JsonObject,
    more: Partial<Attempt> & { control?: CallControl } = {},
  ): Promise<Answer> {
    const { control = { signal: new AbortController().signal }, ...rest } = more;
    const attempt: Attempt = {
      agent: 'writer',
      session: 's1',
      token: 't1',
      door: 'mcp',
      upstream: 'box',
      method: 'tools/call',
      name,
      arguments: args,
      ...rest,
    };
    return this.corridor.act(attempt, '2026', control);
  }

  look(id: string, more: Partial<Attempt> & { control?: CallControl } = {}): Promise<Answer> {
    return this.act('look', { id }, more);
  }

  /** Everything in the store, with a deep verification of it. */
  async see(): Promise<Sight> {
    await this.house.recorder.checkpoint();
    return readLog(this.store, keyOf(this.house.signer), this.house.signer.name);
  }

  async body(action: string, part: BodyPart): Promise<string | undefined> {
    return (await this.store.body(action, part))?.text;
  }

  /** Lets go of everything as a stop does. */
  async close(): Promise<void> {
    this.house.refusals.flush();
    await this.house.recorder.close();
    await this.store.close();
  }

  /** Ends without a word, as a killed process does: nothing more is written. */
  async abandon(): Promise<void> {
    this.store.isDown = true;
    await this.house.recorder.close();
    await this.store.close();
  }

  /** A new house on the same state. */
  reopen(): Promise<TestHouse> {
    return TestHouse.open({}, this.directory);
  }
}

/** All entries of a store, and what the offline verifier says of them with `--deep`. */
export async function readLog(store: Store, key: ReturnType<typeof keyOf>, origin: string): Promise<Sight> {
  const size = await store.size();
  const entries: Entry[] = [];
  for await (const page of store.entries(0, size))
    for (const row of page) entries.push(JSON.parse(row.text) as Entry);
  const checkpoint = await store.lastCheckpoint();
  const report = await verifyStored(store.entries(0, size), { checkpoint, key, origin, deep: true });
  return { entries, report };
}

function newDirectory({
  people = '',
  catalog = '',
  configuration = '',
  limits = '{}',
  may = [],
  revoke,
  rules = '',
  onlyRules = RULES,
}: HouseOptions): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-house-')));
  mkdirSync(join(directory, 'work'));
  writeFileSync(
    join(directory, 'lanyard.yaml'),
    `listen: 127.0.0.1:0
people:
  - { id: ada, name: Ada, roles: [owner] }
${people}agents:
  - { id: writer, owner: ada, purpose: Writes, limits: ${limits} }
  - { id: reader, owner: ada, purpose: Reads }
upstreams:
  box: { command: [node, -e, "0"], cwd: ./work, env: { KEY: "env:BOX_KEY" }, catalog: box, may: ${JSON.stringify(may)}${revoke === undefined ? '' : `, revoke: ${revoke}`} }
policies: [rules.cedar]
catalog: [box.yaml]
${configuration}`,
  );
  writeFileSync(join(directory, 'rules.cedar'), onlyRules + rules);
  writeFileSync(join(directory, 'box.yaml'), CATALOG + catalog);
  return directory;
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}
