import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { StopReport } from '../../control/brake/messages.ts';
import { lookForSentinel, SENTINEL } from '../../control/brake/sentinel.ts';
import type { AskedStop } from '../../control/brake/stop-desk.ts';
import { StopFiles } from '../../control/brake/stop-files.ts';
import { revokeTokens } from '../../pipeline/acts/acts.ts';
import type { Holder } from '../../pipeline/credentials/tokens.ts';
import { freezeEverything } from '../../pipeline/stop/freeze.ts';
import type { CutThing } from '../../pipeline/stop/live.ts';
import type { OutsideStop } from '../../pipeline/stop/outside.ts';
import { stopNow } from '../../pipeline/stop/stop.ts';
import { setStopCodes } from '../../pipeline/stop/stop-key-acts.ts';
import type { House } from '../house.ts';
import { type SecretAtStake, secretsAtStake } from '../revoke/stake.ts';
import type { StateDirectory } from '../state-directory.ts';
import { agentsIn, asDecided } from './scope.ts';

/** Stops from outside on their way into the log. */
export class OutsideStops {
  readonly #house: House;
  readonly #state: StateDirectory;
  readonly #files: StopFiles;
  /** In force, and owed to the log: their files stay until it has them. */
  readonly #owed = new Set<string>();

  constructor(house: House, state: StateDirectory) {
    this.#house = house;
    this.#state = state;
    this.#files = new StopFiles(state.outside);
  }

  /** What an earlier run was told and did not get to. */
  async takeUp(): Promise<void> {
    const { halt, recorder, log } = this.#house;
    const { stops, unreadable } = this.#files.read();
    for (const path of unreadable) {
      log(
        `${path} cannot be read as the stop that it may be, so everything is frozen; look at it, then remove it`,
      );
      freezeEverything(halt, recorder, 'a kept stop cannot be read');
    }
    for (const stop of stops) {
      log(`a stop of ${stop.scope} that was not in the log yet is taken up again`);
      await this.take(stop);
      this.settle();
    }
    const sight = lookForSentinel(this.#state.path);
    if (sight === 'present') log(`the file ${SENTINEL} is in the state directory: everything is frozen`);
  }

  /** Holds at once; resolves when it is in the log, or owed to it. */
  async take({ id, scope: given, level, by, person, code, why }: OutsideStop): Promise<StopReport> {
    const house = this.#house;
    const scope = asDecided(given);
    const more = person === undefined ? {} : { person };
    const stopped = stopNow(house, scope, level, { by, ...(why === undefined ? {} : { why }), more });
    if (code !== undefined && person !== undefined) await spendCode(house, person, code);
    await stopped.recorded;
    // Killed is: credentials gone.
    if (stopped.level === 'killed') await revokeUnder(house, scope, { by, ...more });
    // What is owed stands behind what was owed before: it is in the log when nothing is.
    const recorded = house.recorder.owesNothing;
    if (recorded) this.#files.remove(id);
    else this.#owed.add(id);
    const secrets = level === 'killed' && person !== undefined ? secretsAtStake(house, scope) : [];
    return { recorded, cut: [...cutLines(stopped.cutting.things), ...secrets.map(secretLine)] };
  }

  /** One that came to this thread itself. */
  takeHere(asked: AskedStop & Pick<OutsideStop, 'by' | 'person'>): Promise<StopReport> {
    return this.take({ id: this.#house.rooms.ids(), ...asked });
  }

  /** What was owed to the log may be in it by now. */
  settle(): void {
    if (this.#owed.size === 0 || !this.#house.recorder.owesNothing) return;
    for (const id of this.#owed) this.#files.remove(id);
    this.#owed.clear();
  }
}

/** A code is good once, whatever became of the stop. */
async function spendCode(house: House, person: string, code: string): Promise<void> {
  const left = house.stopCodes.of(person).filter((digest) => digest !== code);
  const { cells, fields, apply } = setStopCodes(house.stopCodes, person, left);
  apply();
  const draft = {
    fields: { kind: 'person.stop-codes', by: 'stop-code', ...fields, spent: code } as const,
    cells,
  };
  await house.recorder.record(draft).catch(() => house.recorder.owe(draft));
}

async function revokeUnder(house: House, scope: OutsideStop['scope'], who: JsonObject): Promise<void> {
  const { tokens, recorder, standing } = house;
  const holders: Holder[] = agentsIn(scope, standing.inForce.agents.values()).map(({ id }) => ({
    agent: id,
  }));
  if (scope === 'all') for (const point of standing.inForce.points.keys()) holders.push({ point });
  for (const holder of holders) {
    const act = revokeTokens(tokens, holder);
    act.apply();
    const draft = { fields: { kind: 'operator.revoked', ...act.fields, ...who } as const, cells: act.cells };
    await recorder.record(draft).catch(() => recorder.owe(draft));
  }
}

const secretLine = ({ upstream, revoke }: SecretAtStake) =>
  revoke === 'none'
    ? `the secret of ${upstream} stays good: nothing revokes it, do it by hand`
    : `the secret of ${upstream} is being revoked`;

/** What a stop cut, in our words, the slowest first. */
function cutLines(things: readonly CutThing[]): string[] {
  const slowest = [...things].sort((a, b) => (b.ms ?? Infinity) - (a.ms ?? Infinity));
  const named = slowest.slice(0, LIMITS.stopLines).map(({ kind, name, agent, ms }) => {
    const end = ms === null ? 'has not ended yet' : `ended after ${ms} ms`;
    return `${kind} ${name} of ${agent}: ${end}`;
  });
  const more = things.length - named.length;
  return more === 0 ? named : [...named, `and ${more} more`];
}
