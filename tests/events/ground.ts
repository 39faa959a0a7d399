import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntryFields } from '../../src/contract/log-entry.ts';
import type { Operations } from '../../src/control/operations.ts';
import type { Instance } from '../../src/main/instance.ts';
import { createOperations } from '../../src/main/operations.ts';
import { start } from '../../src/main/start.ts';
import { fixturePath } from '../fixtures/upstreams/start.ts';
import { ROOT } from '../source-tree.ts';

const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node');
const PLAIN = ['echo', 'resumed', 'say', 'touch', 'stir', 'resources/read', 'prompts/get'];

interface EventConfig {
  readonly upstreams: Readonly<Record<string, object>>;
  readonly rules?: string;
  /** Operations of the catalog "plain" besides those of the fixtures here. */
  readonly plain?: readonly string[];
  /** Values of the environment that the configuration may name. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A whole instance inside this process, with the agents `writer` and `other`, and what its operator can do. */
export class EventGround {
  readonly directory: string;
  readonly config: string;
  readonly instance: Instance;
  readonly operator: Operations;
  readonly token: string;
  readonly logged: string[];
  #looked = 0;

  private constructor(
    directory: string,
    instance: Instance,
    operator: Operations,
    token: string,
    logged: string[],
  ) {
    this.directory = directory;
    this.config = join(directory, 'lanyard.yaml');
    this.instance = instance;
    this.operator = operator;
    this.token = token;
    this.logged = logged;
  }

  static async start({ upstreams, rules = '', plain = [], env = {} }: EventConfig): Promise<EventGround> {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-events-')));
    mkdirSync(join(directory, 'work'));
    const row = '{ risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }';
    const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
    write(
      'catalog.yaml',
      `catalog: plain\noperations:\n${[...PLAIN, ...plain].map((one) => `  ${one}: ${row}\n`).join('')}`,
    );
    write('rules.cedar', READS + rules);
    write(
      'lanyard.yaml',
      [
        'listen: 127.0.0.1:0',
        'people: [{ id: ada, name: Ada, roles: [owner] }]',
        'agents: [{ id: writer, owner: ada, purpose: Looks }, { id: other, owner: ada, purpose: Looks }]',
        `upstreams: ${JSON.stringify(upstreams)}`,
        'policies: [rules.cedar]',
        'catalog: [catalog.yaml]',
        '',
      ].join('\n'),
    );
    const logged: string[] = [];
    const configPath = join(directory, 'lanyard.yaml');
    const environment = { PATH: process.env['PATH'] ?? '', HOME: directory, ...env };
    const instance = await start({ configPath, environment, log: (line) => logged.push(line) });
    const around = { configPath, state: join(directory, 'state'), environment };
    const operator = createOperations(instance.house, around, instance.notifying, () => instance.url);
    const ground = new EventGround(directory, instance, operator, await tokenOf(operator, 'writer'), logged);
    return ground;
  }

  tokenOf(agent: string): Promise<string> {
    return tokenOf(this.operator, agent);
  }

  /** Replaces the rules besides the one that permits reading, and applies them. */
  async applyRules(rules: string): Promise<void> {
    writeFileSync(join(this.directory, 'rules.cedar'), READS + rules);
    const applied = await this.operator.apply(false);
    if (!applied.ok) throw new Error(applied.error.sentence + (applied.error.details ?? []).join('\n'));
  }

  /** What an operator has to do for what an upstream lists by now to be taken. */
  async accept(upstream: string): Promise<void> {
    const shown = await this.operator.accept(upstream, undefined, undefined);
    if (!shown.ok) throw new Error(shown.error.sentence);
    const taken = await this.operator.accept(upstream, undefined, shown.value.shown);
    if (!taken.ok) throw new Error(taken.error.sentence);
  }

  /** Decisions and outcomes that no earlier call answered, in the order of the log. */
  async newActions(): Promise<EntryFields[]> {
    const fresh: EntryFields[] = [];
    for await (const page of this.instance.house.store.find({
      kinds: ['action.decided', 'action.outcome'],
    })) {
      for (const row of page) fresh.push(JSON.parse(row.text) as EntryFields);
    }
    const since = this.#looked;
    this.#looked = fresh.length;
    return fresh.slice(since);
  }

  async stop(): Promise<void> {
    await this.instance.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const READS = `@id("reads") @need("Reading is harmless")
permit (principal, action in Action::"risk:read", resource);
`;

async function tokenOf(operator: Operations, agent: string): Promise<string> {
  const made = await operator.makeToken(agent, 3_600_000);
  if (!made.ok) throw new Error(made.error.sentence);
  return made.value.token;
}

/** A stdio fixture as an upstream. */
export function stdioFixture(
  script: string,
  args: readonly string[] = [],
  more: Readonly<Record<string, unknown>> = {},
): object {
  return {
    command: [NODE, '--no-warnings', fixturePath(script), ...args],
    cwd: './work',
    catalog: 'plain',
    ...more,
  };
}
