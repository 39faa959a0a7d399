import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../../src/cli/instance.ts';
import { OperatorGround, RULES, type Running } from '../journeys/operator-ground.ts';
import { type Body, freePort, PersonAtBrowser } from '../journeys/people-ground.ts';
import { raw } from '../journeys/tasks/ground.ts';
import { ROOT } from '../source-tree.ts';

const CATALOG = `catalog: plain
operations:
  look: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }
  tell: { risk: draft, effect: [update], reversibility: reversible, audience: self, worst: Overwrites, targets: [{ type: Note, id: "{id}" }] }
`;

/** The rules in their `version`-th form, so that there is always something to apply. */
const rulesOf = (version: number) => `${RULES}@id("drafts") @need("Drafts are its work")
permit (principal, action in Action::"risk:draft", resource);
@id("never") forbid (principal, action, resource is Note) when { resource.id == "never-${version}" };
@id("tells") @reason("It changes a note") @review("owner")
forbid (principal, action in Action::"risk:draft", resource);
`;

/** A claimed instance with a person at its console, and an upstream that keeps account of what it did. All but the process outlives a kill. */
export class ActsGround {
  readonly ground = new OperatorGround();
  readonly ada: PersonAtBrowser;
  running: Running | undefined;
  token = '';
  readonly #calls = join(this.ground.directory, 'calls');
  #version = 0;
  #offers = 0;
  #url = '';

  private constructor(port: number) {
    const { ground } = this;
    this.ada = new PersonAtBrowser(`http://localhost:${port}`);
    const command = [process.execPath, '--no-warnings', join(ROOT, 'tests/faults/telling-stdio.mjs')];
    const env = { TOOLS_FILE: join(ground.directory, 'tools'), CALLS_FILE: this.#calls };
    writeFileSync(this.#calls, '');
    ground.write('catalog.yaml', CATALOG);
    this.changeRules();
    this.changeOffer();
    ground.write(
      'lanyard.yaml',
      ground.configuration({
        control: `control: 127.0.0.1:${port}`,
        people: 'people: [{ id: ada, name: Ada, roles: [owner, admin, security] }]',
        upstreams: `upstreams: { box: ${JSON.stringify({ command, cwd: './work', env, catalog: 'plain' })} }`,
        hold: 'approvals: { hold: 0s }',
      }),
    );
  }

  static async make(): Promise<ActsGround> {
    const made = new ActsGround(await freePort());
    const { ground, ada } = made;
    await made.up();
    made.token = await ground.token();
    const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
    await ada.enrol(code);
    await ada.signIn();
    await ada.settle();
    return made;
  }

  /** The next start on the same state; what it says on stderr is in `running`. */
  async up(): Promise<Running> {
    this.running = await this.ground.up();
    this.#url = await this.running.url();
    return this.running;
  }

  changeRules(): void {
    this.ground.write('rules.cedar', rulesOf(++this.#version));
  }

  /** The upstream describes `tell` otherwise, so that somebody must accept it. */
  changeOffer(): void {
    this.ground.tools('look', `tell | The ${++this.#offers}th`);
  }

  /** What became of one call: `ran`, or a code; with the question that it waits for. */
  async call(name: string, id: string): Promise<{ readonly code: string; readonly approval: string }> {
    const place = { url: this.#url, token: this.token, upstream: 'box' };
    const { result, error }: Body = await raw(place, 'tools/call', { name, arguments: { id } }, {});
    const { code, approval = '' } = result._meta?.['dev.lanyard/decision'] ?? {};
    const ran = Array.isArray(result.content) && result.isError !== true;
    return { code: code ?? (ran ? 'ran' : String(error.message ?? 'failed')), approval };
  }

  /** `<tool> <id>` of what the upstream did, oldest first. */
  done(): string[] {
    return readFileSync(this.#calls, 'utf8').split('\n').slice(0, -1);
  }

  remove(): Promise<void> {
    return this.ground.remove();
  }
}
