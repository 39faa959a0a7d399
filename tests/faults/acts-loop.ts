import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { LogEntry } from '../journeys/operator-ground.ts';
import { ActsGround } from './acts-ground.ts';

const LONGEST_ROUND_MS = 1500;
const LONGEST_START_MS = 1400;
/** At most so many starts are killed before one is let through. */
const KILLED_STARTS = 3;
const TIMES = 3;
const SCOPES = [
  'agent:writer',
  'owner:ada',
  'upstream:box',
  'operation:mcp:box/look',
  'target:Note::x',
  'all',
];
/** Those that stop a call of `look`. */
const STILL = new Set(SCOPES.slice(0, 4).concat('all'));

/** What somebody was told is done, so that the log must hold it. */
interface Told {
  readonly what: string;
  isIn(entries: readonly LogEntry[]): boolean;
}

/** What people do, over and over, until the instance is gone. */
class Acts {
  readonly told: Told[] = [];
  readonly counts: Record<string, number> = {};
  readonly #at: ActsGround;
  #calls = 0;

  constructor(at: ActsGround) {
    this.#at = at;
  }

  async any(): Promise<never> {
    const all = [this.#look, this.#approve, this.#grant, this.#apply, this.#accept, this.#stop, this.#token];
    const more = [this.#close, this.#invite, this.#checkpoint];
    const acts = [...all, ...more];
    for (;;) await acts[randomInt(acts.length)]?.();
  }

  #tell(what: string, kind: string, members: Readonly<Record<string, unknown>> = {}): void {
    const isOne = (entry: LogEntry) =>
      Object.entries(members).every(([name, value]) => entry[name] === value);
    this.told.push({ what, isIn: (entries) => entries.some((one) => one.kind === kind && isOne(one)) });
  }

  async #call(name: string, id: string): ReturnType<ActsGround['call']> {
    const said = await this.#at.call(name, id);
    const key = `${name} ${said.code}`;
    this.counts[key] = (this.counts[key] ?? 0) + 1;
    return said;
  }

  /** A signed act; whether it was done. */
  async #do(path: string, body: object = {}): Promise<boolean> {
    const { status } = await this.#at.ada.do(path, body);
    const key = `${path.replace(/[0-9A-Z]{26}/, ':id')} ${status}`;
    this.counts[key] = (this.counts[key] ?? 0) + 1;
    return status === 200;
  }

  #look = async () => {
    for (let i = 0; i < 10; i++) await this.#call('look', `look-${this.#calls++}`);
  };

  async #question(id: string): Promise<{ path: string; approval: string; digest: unknown } | null> {
    const { approval } = await this.#call('tell', id);
    if (approval === '') return null;
    const path = `/v1/approvals/${approval}`;
    const { body } = await this.#at.ada.get(path);
    return { path, approval, digest: body.digest };
  }

  #approve = async () => {
    const id = `once-${this.#calls++}`;
    const asked = await this.#question(id);
    if (asked === null || !(await this.#do(`${asked.path}/approve`, { digest: asked.digest }))) return;
    this.#tell(`the yes to ${id}`, 'approval.answered', { approval: asked.approval });
    await Promise.all([this.#call('tell', id), this.#call('tell', id)]);
  };

  #grant = async () => {
    const id = `thrice-${this.#calls++}`;
    const asked = await this.#question(id);
    if (asked === null) return;
    const terms = { digest: asked.digest, times: TIMES, forMs: 3_600_000 };
    if (!(await this.#do(`${asked.path}/grant`, terms))) return;
    this.#tell(`the grant for ${id}`, 'grant.given');
    for (let i = 0; i < 2 * TIMES; i++) await this.#call('tell', id);
  };

  #apply = async () => {
    this.#at.changeRules();
    if (await this.#do('/v1/apply', { dryRun: false }))
      this.#tell('an apply', 'operator.applied', { by: 'person' });
  };

  #accept = async () => {
    this.#at.changeOffer();
    await this.#do('/v1/accept', { upstream: 'box' });
  };

  #stop = async () => {
    const scope = SCOPES[randomInt(SCOPES.length)] ?? 'all';
    const level = randomInt(2) === 0 ? 'watched' : 'frozen';
    // Where it is stopped harder already, what was asked for stands beside what holds.
    const isOne = (entry: LogEntry) =>
      entry['scope'] === scope && (entry['asked'] ?? entry['level']) === level;
    const isIn = (entries: readonly LogEntry[]) =>
      entries.some((entry) => entry.kind === 'containment.stopped' && isOne(entry));
    if ((await this.#at.ada.post('/v1/stop', { scope, level })).status === 200)
      this.told.push({ what: `a stop of ${scope}`, isIn });
    if (randomInt(3) > 0 && (await this.#do('/v1/release', { scope, why: 'on with it' })))
      this.#tell(`a release of ${scope}`, 'containment.released', { scope });
  };

  #token = async () => {
    if (await this.#do('/v1/agents/other/token')) this.#tell('a token', 'operator.token', { agent: 'other' });
    await this.#at.ada.post('/v1/agents/other/revoke');
  };

  #close = async () => {
    const { body } = await this.#at.ada.get('/v1/cases');
    const words = { happened: 'A round of kills', changes: 'None' };
    for (const one of Array.isArray(body) ? body.slice(0, 3) : [])
      await this.#at.ada.post(`/v1/cases/${one.case}/close`, words);
  };

  #invite = async () => {
    await this.#do('/v1/recovery-codes');
  };

  #checkpoint = async () => {
    await this.#at.ground.run('log checkpoint');
  };
}

/**
 * Kills a claimed instance again and again while a person does everything that changes it, and while it starts. After each
 * start: what was told as done is in the log, nothing ran more often than somebody said yes, what is stopped is what the
 * log says, and the start finds nothing to complain of.
 */
export async function runActsLoop(kills: number, tell: (line: string) => void): Promise<number> {
  const at = await ActsGround.make();
  const acts = new Acts(at);
  let done = 0;
  try {
    while (done < kills) {
      const acting = Promise.allSettled([acts.any(), acts.any(), acts.any()]);
      await pause(randomInt(LONGEST_ROUND_MS));
      await at.running?.end('SIGKILL');
      await acting;
      done++;
      for (let left = randomInt(KILLED_STARTS); left > 0; left--, done++) {
        const starting = at.ground.launch();
        await pause(randomInt(LONGEST_START_MS));
        await starting.end('SIGKILL');
        expect(starting.stderr).not.toMatch(/state:|frozen/);
      }
      expect((await at.up()).stderr).not.toMatch(/state:|everything is frozen/);
      await at.ada.signIn();
      await look(at, acts);
      tell(`${done} kills: ${JSON.stringify(acts.counts)}`);
    }
    expect(await at.running?.end()).toBe('0');
    expect(await at.ground.run('log verify --deep')).toMatchObject({ code: 0 });
    return done;
  } finally {
    await at.remove();
  }
}

async function look(at: ActsGround, { told }: Acts): Promise<void> {
  const entries = await at.ground.entries();
  expect(told.splice(0).filter((one) => !one.isIn(entries))).toEqual([]);
  expect(tooOften(at.done(), entries)).toEqual([]);
  const stopped = new Map<string, string>();
  for (const { kind, scope, level } of entries) {
    if (kind === 'containment.stopped') stopped.set(String(scope), String(level));
    if (kind === 'containment.released') stopped.delete(String(scope));
  }
  const isStill = [...stopped].some(([scope, level]) => level === 'frozen' && STILL.has(scope));
  expect({ stopped, code: (await at.call('look', 'after')).code }).toMatchObject({
    code: isStill ? 'FROZEN' : 'ran',
  });
  for (const scope of stopped.keys())
    expect(await at.ada.do('/v1/release', { scope, why: 'the next round' })).toMatchObject({ status: 200 });
}

/** What the upstream did more often than the log allows, or people did. */
function tooOften(done: readonly string[], entries: readonly LogEntry[]): string[] {
  const ran = new Map<string, number>();
  for (const one of done) ran.set(one, (ran.get(one) ?? 0) + 1);
  const allowed = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind !== 'action.decided' || entry['decision'] !== 'allow') continue;
    const key = `tell ${(entry['target'] as { id?: string } | undefined)?.id}`;
    allowed.set(key, (allowed.get(key) ?? 0) + 1);
  }
  const mostOf = (what: string) => (what.startsWith('tell once-') ? 1 : TIMES);
  return [...ran]
    .filter(([what]) => what.startsWith('tell '))
    .filter(([what, times]) => times > Math.min(allowed.get(what) ?? 0, mostOf(what)))
    .map(([what, times]) => `${what} ran ${times} times and was allowed ${allowed.get(what) ?? 0}`);
}
