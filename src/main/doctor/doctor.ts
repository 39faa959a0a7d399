import { mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { messageOf } from '../../base/error-text.ts';
import { CanaryAgent } from './agent.ts';
import { type Bypass, findBypasses } from './bypass.ts';
import { CanaryPerson } from './canary-person.ts';
import { CanaryTopic } from './canary-topic.ts';
import { Candidates } from './candidates.ts';
import { type Check, type Checked, runCheck, type Sight, untried } from './check.ts';
import type { FullDisk, FullScene } from './checks/store.ts';
import { FULL_CHECKS, LABORATORY_CHECKS, MIRROR_CHECKS, OPENING_CHECKS, PROGRAM_CHECKS } from './checks.ts';
import { type Examined, examine, groundParent, withPinned } from './examined.ts';
import { freePort } from './free-port.ts';
import { canMount, FILE_LIMIT, type Fullness, smallFileSystem } from './full.ts';
import { Ground } from './ground.ts';
import { CanaryHub } from './hub.ts';
import { buildLaboratory } from './laboratory.ts';
import { buildMirror } from './mirror.ts';
import { lookAtRealServers } from './real-servers.ts';
import type { Sibling } from './sibling.ts';
import { StartLine } from './start-line.ts';

const PARTS = ['yours', 'controls', 'servers'] as const;
export type Part = (typeof PARTS)[number];

interface DoctorOptions {
  readonly configPath: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Progress, a line each. */
  readonly say: (line: string) => void;
  /** Told of each check when it is done. */
  readonly onChecked: (part: Part, checked: Checked) => void;
  /** Aborted when it is to stop: everything it started is ended, and it rejects. */
  readonly stopped: AbortSignal;
}

export type DoctorReport = {
  /** Whether every control that could be tried fired. */
  readonly ok: boolean;
  readonly set: string;
  readonly policy: string;
  readonly running: boolean;
  readonly parts: Readonly<Record<Part, readonly Checked[]>>;
  /** What an agent of this user can go around. */
  readonly uncontained: readonly Bypass[];
  readonly notes: readonly string[];
  /** What no run of doctor tries, whatever the machine. */
  readonly notTried: readonly string[];
  readonly tookMs: number;
  /** How long each sibling took until it was ready. */
  readonly startsMs: Readonly<Record<string, number>>;
};

/** Fires every control in throwaway siblings of the instance that a configuration names, and leaves nothing behind. */
export async function runDoctor(options: DoctorOptions): Promise<DoctorReport> {
  const began = systemClock.monotonicMs();
  const examined = await examine(options.configPath, options.environment);
  try {
    const run = new Run(examined, options);
    const parts = await run.all();
    const all = Object.values(parts).flat();
    return {
      ok: !all.some(({ sights }) => sights.some(({ fired }) => fired === false)),
      set: examined.files.resolved.parts.digest,
      policy: run.policy,
      running: examined.running !== null,
      parts,
      uncontained: await findBypasses(examined),
      notes: examined.notes,
      notTried: NOT_TRIED,
      tookMs: Math.round(systemClock.monotonicMs() - began),
      startsMs: run.startsMs,
    };
  } finally {
    await examined.files.close();
  }
}

const NOT_TRIED: readonly string[] = [
  'whether what was synced to the disk survives a loss of power',
  'what your real servers do with a call: they were only listed',
  'addresses and certificates beyond this machine (`tls`, `publicUrl`, a proxy in front)',
  'secrets in encodings that nobody thought of',
];

/** One run of doctor: starts the siblings, plays the checks in them, and ends and removes all of it. */
class Run {
  #examined: Examined;
  readonly #options: DoctorOptions;
  readonly #starts = new StartLine();
  readonly startsMs: Record<string, number> = {};
  readonly #siblings: Sibling[] = [];
  readonly #hub = new CanaryHub();
  readonly #topic = new CanaryTopic();
  #ground!: Ground;

  constructor(examined: Examined, options: DoctorOptions) {
    this.#examined = examined;
    this.#options = options;
  }

  get policy(): string {
    return this.#examined.files.inForce.policy.digest;
  }

  async all(): Promise<Record<Part, Checked[]>> {
    const parent = groundParent(this.#examined);
    if (!parent.ok) throw new Error(parent.error);
    const { stopped } = this.#options;
    const early = Promise.withResolvers<never>();
    stopped.addEventListener('abort', () => early.reject(new Interrupted()), { once: true });
    if (stopped.aborted) throw new Interrupted();
    this.#ground = new Ground(parent.value);
    try {
      return await Promise.race([this.#everything(), early.promise]);
    } finally {
      await Promise.all(this.#siblings.map((sibling) => sibling.end('SIGKILL')));
      this.#topic.close();
      await this.#hub.close();
      this.#ground.remove();
    }
  }

  async #everything(): Promise<Record<Part, Checked[]>> {
    await this.#hub.listen(this.#ground.path('hub.sock'));
    this.#ground.write(
      'intruder.cjs',
      `require('node:fs').writeFileSync(${JSON.stringify(this.#ground.path('intruder-ran'))}, '');\n`,
    );
    this.#options.say('starting throwaway siblings of this instance …');
    // The one that takes longest first: they start in this order.
    const [controls, full, [servers, yours]] = await Promise.all([
      this.#laboratory(),
      this.#full(),
      this.#serversAndYours(),
    ]);
    return { yours, controls: [...controls, ...full], servers };
  }

  /** Your servers first: what was never pinned is known from then on, and the rules are read anew with it. */
  async #serversAndYours(): Promise<[Checked[], Checked[]]> {
    const servers = await this.#servers();
    this.#examined = withPinned(this.#examined);
    return [servers, await this.#yours()];
  }

  async #servers(): Promise<Checked[]> {
    const check: Check<Examined> = {
      id: 'real-servers',
      control: 'Your real servers list what they are pinned to',
      run: (examined) => lookAtRealServers(examined, this.#options.environment),
    };
    return this.#run('servers', [check], this.#examined);
  }

  async #yours(): Promise<Checked[]> {
    const mirror = buildMirror(this.#ground, this.#hub, this.#examined);
    const { sibling } = mirror;
    this.#siblings.push(sibling);
    const failure = await this.#start(sibling);
    if (failure !== null)
      return this.#report('yours', [
        notStarted(failure, 'your-rules', 'The rules that were tried are the rules in force'),
      ]);
    const scene = {
      ...mirror,
      examined: this.#examined,
      canaryOf: (id: string) => canaryIn(sibling, id),
      candidates: new Candidates(this.#examined.files),
    };
    return this.#run('yours', MIRROR_CHECKS, scene);
  }

  async #laboratory(): Promise<Checked[]> {
    const channel = await this.#topic.listen();
    const [control, brake] = [await freePort(), await freePort()];
    const laboratory = buildLaboratory(this.#ground, this.#hub, {
      name: 'laboratory',
      pipe: true,
      more: {
        control: `127.0.0.1:${control}`,
        brake: `127.0.0.1:${brake}`,
        stopChannel: { url: channel },
      },
    });
    const { sibling } = laboratory;
    this.#siblings.push(sibling);
    const failure = await this.#start(sibling);
    if (failure !== null)
      return this.#report('controls', [notStarted(failure, 'start', 'An instance starts')]);
    const agent = (id: string) => canaryIn(sibling, id);
    const scene = {
      ...laboratory,
      ground: this.#ground,
      hub: this.#hub,
      canary: await agent('canary'),
      other: await agent('other'),
      still: await agent('still'),
      busy: await agent('busy'),
      slow: await agent('slow'),
      person: new CanaryPerson(control),
      topic: this.#topic,
      brake,
    };
    const [opening, program] = await Promise.all([
      this.#run('controls', OPENING_CHECKS, scene),
      this.#run('controls', PROGRAM_CHECKS, scene),
    ]);
    return [...opening, ...program, ...(await this.#run('controls', LABORATORY_CHECKS, scene))];
  }

  async #full(): Promise<Checked[]> {
    const first = await this.#fullDisk('limited', FILE_LIMIT, 'state');
    const missing: Sight[] = typeof first === 'string' ? [failedDisk(FILE_LIMIT, first)] : [];
    const disks = typeof first === 'string' ? [] : [first];
    // Its path is too long for a socket, so that the socket lies outside the file system that only the instance sees.
    const state = `state-${'x'.repeat(LONG_NAME)}`;
    const mount = this.#ground.path('full', state);
    mkdirSync(mount, { recursive: true, mode: 0o700 });
    const fullness = smallFileSystem(mount);
    if (await canMount(mount)) {
      const second = await this.#fullDisk('full', fullness, state);
      if (typeof second === 'string') missing.push(failedDisk(fullness, second));
      else disks.push(second);
    } else missing.push(untried(fullness.how, '', 'this system lets this user mount none'));
    const scene: FullScene = { disks, missing, older: this.#ground.path('older') };
    return this.#run('controls', FULL_CHECKS, scene);
  }

  async #fullDisk(name: string, { how, wrapper }: Fullness, state: string): Promise<FullDisk | string> {
    const options = { name, pipe: false, wrapper, state };
    const { sibling, web, witness } = buildLaboratory(this.#ground, this.#hub, options);
    this.#siblings.push(sibling);
    const failure = await this.#start(sibling);
    if (failure !== null) return failure;
    const canary = await canaryIn(sibling, 'canary');
    return { sibling, web, canary, witness, how, visible: state === 'state' };
  }

  /** Null once it is ready; else why it is not. */
  async #start(sibling: Sibling): Promise<string | null> {
    try {
      await this.#starts.take(async () => {
        if (this.#options.stopped.aborted) throw new Interrupted();
        const began = systemClock.monotonicMs();
        await sibling.start();
        this.startsMs[basename(sibling.directory)] = Math.round(systemClock.monotonicMs() - began);
      });
      return null;
    } catch (error) {
      return messageOf(error);
    }
  }

  async #run<Scene>(part: Part, checks: readonly Check<Scene>[], scene: Scene): Promise<Checked[]> {
    const done: Checked[] = [];
    for (const check of checks) done.push(...this.#report(part, [await runCheck(check, scene)]));
    return done;
  }

  #report(part: Part, checked: Checked[]): Checked[] {
    for (const one of checked) this.#options.onChecked(part, one);
    return checked;
  }
}

/** A canary in the place of this agent, with a token of its own. */
async function canaryIn(sibling: Sibling, agent: string): Promise<CanaryAgent> {
  return new CanaryAgent(sibling.url, await sibling.token(agent));
}

/** Somebody asked doctor to stop. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor() {
    super('doctor was interrupted; what it had started is gone');
  }
}

const LONG_NAME = 80;

function failedDisk({ how }: Fullness, saw: string): Sight {
  return { surface: how, did: 'started an instance on it', saw, fired: false };
}

const notStarted = (saw: string, id: string, control: string): Checked => ({
  id,
  control,
  sights: [{ surface: 'a sibling', did: 'started it', saw, fired: false }],
  tookMs: 0,
});
