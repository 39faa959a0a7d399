import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIds } from '../../src/base/ids.ts';
import type { Entry, EntryFields } from '../../src/contract/log-entry.ts';
import { createSigner, type Signer } from '../../src/ledger/signer.ts';
import { openLog } from '../../src/main/log/open-log.ts';
import type { Recorder } from '../../src/pipeline/record.ts';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import type { Store } from '../../src/store/store.ts';
import { ntfyCarrier } from '../../src/watch/notify/carriers/ntfy.ts';
import { Notifier } from '../../src/watch/notify/notifier.ts';
import type { Answerable, Directory, Timing } from '../../src/watch/notify/plan.ts';
import type { PersonReach } from '../../src/watch/notify/reach.ts';
import { Endpoint } from './endpoint.ts';

/** Who there is: ada owns writer and grace is her backup; sam is of security, and root an admin. */
export const ROLES: Readonly<Record<string, readonly string[]>> = { security: ['sam'], admin: ['root'] };

/** A real log and store with a clock that a test turns, and people who are reached at a real web server. */
export class ReachGround {
  readonly directory = mkdtempSync(join(tmpdir(), 'lanyard-reach-'));
  readonly endpoint = new Endpoint();
  readonly reach = new Map<string, PersonReach>();
  readonly told: string[] = [];
  /** Who answers for the agents that a stop is about. */
  readonly answerable = new Map<string, Answerable>();
  /** Who may answer which question now, where that is not what was recorded. */
  readonly mayAnswer = new Map<string, readonly string[]>();
  readonly timing: Timing = {
    backupAfterMs: 300_000,
    roleAfterMs: 600_000,
    role: 'security',
    pageEveryMs: 300_000,
  };
  ms = Date.parse('2026-11-20T12:00:00.000Z');
  url = '';
  store!: Store;
  recorder!: Recorder;
  notifier!: Notifier;
  readonly #signer: Signer = createSigner('lanyard/reach');
  readonly clock = { now: () => this.ms, monotonicMs: () => this.ms };
  readonly #ids = createIds(this.clock);

  static async open(): Promise<ReachGround> {
    const ground = new ReachGround();
    ground.url = await ground.endpoint.listen();
    for (const person of ['ada', 'grace', 'sam', 'root']) ground.channels(person, ['ntfy']);
    await ground.start();
    return ground;
  }

  channels(person: string, ids: readonly string[], quiet?: PersonReach['quiet']): void {
    const channels = ids.map((id) => ({ id, kind: 'ntfy', url: `${this.url}/${person}/${id}` }) as const);
    this.reach.set(person, { channels, ...(quiet === undefined ? {} : { quiet }) });
  }

  async start(): Promise<void> {
    this.store = await openSqlite(join(this.directory, 'log.sqlite'));
    this.recorder = await openLog(this.store, this.#signer, this.clock, () => undefined);
    const directory: Directory = {
      peopleOf: (role) => ROLES[role] ?? [],
      everyone: () => ['ada', 'grace', 'sam', 'root'],
      ownerOf: (agent) => (agent === 'writer' ? 'ada' : undefined),
      backupOf: (agent) => (agent === 'writer' ? 'grace' : undefined),
      electorate: () => JSON.stringify([...this.mayAnswer]),
      mayAnswer: (approval) => this.mayAnswer.get(approval) ?? null,
      answerableFor: async (scope) => this.answerable.get(scope) ?? { owners: [], backups: [] },
      reachOf: (person) => this.reach.get(person),
    };
    this.notifier = new Notifier({
      clock: this.clock,
      ids: this.#ids,
      store: this.store,
      record: (draft) => this.recorder.record(draft),
      directory: () => directory,
      timing: () => this.timing,
      carrier(person, id) {
        const channel = directory.reachOf(person)?.channels.find((one) => one.id === id);
        return channel?.kind === 'ntfy' ? ntfyCarrier(channel.url, undefined) : null;
      },
      gone: () => [],
      base: () => 'https://lanyard.example.org',
      log: (line) => this.told.push(line),
    });
    await this.notifier.start();
  }

  /** As after kill -9 of the process, but for its memory: nothing is said before the end. */
  async restart(): Promise<void> {
    await this.notifier.stop();
    await this.recorder.close();
    await this.store.close();
    await this.start();
  }

  async record(fields: EntryFields | Readonly<Record<string, unknown>>): Promise<Entry> {
    const { entry } = await this.recorder.record({ fields: fields as EntryFields });
    return entry;
  }

  /** Later, with everything done that was due by then. */
  async later(ms: number): Promise<void> {
    this.ms += ms;
    await this.settled();
  }

  async settled(): Promise<void> {
    for (let before = -1; before !== this.recorder.size; ) {
      before = this.recorder.size;
      await this.notifier.settled();
    }
  }

  /** Who was told since the last call, in order of name; what was posted, by path. */
  reached(): string[] {
    return this.endpoint.arrived
      .splice(0)
      .map(({ path }) => path.slice(1))
      .sort();
  }

  async entries(kind: string): Promise<Entry[]> {
    const all: Entry[] = [];
    for await (const page of this.store.find({ kinds: [kind] }))
      for (const { text } of page) all.push(JSON.parse(text) as Entry);
    return all;
  }

  async close(): Promise<void> {
    await this.notifier.stop();
    await this.recorder.close();
    await this.store.close();
    await this.endpoint.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export const asked = (approval: string, more: Readonly<Record<string, unknown>> = {}) => ({
  kind: 'approval.asked',
  approval,
  action: `A${approval}`,
  agent: 'writer',
  owner: 'ada',
  operation: 'mcp:files/write_file',
  people: ['ada'],
  expires: '2026-11-20T13:00:00.000Z',
  ...more,
});
