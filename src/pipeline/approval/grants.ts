import { coversTargets, isEnoughAlone, isLeft, mayStand } from '../../approval/grant.ts';
import type { Clock } from '../../base/clock.ts';
import { digestOf } from '../../base/hash.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Action } from '../../model/action.ts';
import type { Agent } from '../../model/agent.ts';
import type { Decision, Review } from '../../model/decision.ts';
import type { Grant, GrantEnd } from '../../model/grant.ts';
import type { Store } from '../../store/store.ts';
import { entryOf } from '../action/operation-entry.ts';
import type { InForce } from '../in-force.ts';
import type { Recorder } from '../record.ts';
import type { Draft } from '../recording/draft.ts';
import type { HaltSwitch } from '../stop/halt-switch.ts';
import type { Electorate } from './approvals.ts';
import { endedFields, grantsIn, noCell, spentFields } from './grant-entries.ts';

interface GrantsParts {
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly halt: HaltSwitch;
  readonly electorate: Electorate;
  inForce(): InForce;
  report(line: string): void;
}

/**
 * The standing approvals. Each use is counted in the tick in which it is used, and told in the commit that allows the
 * action, so that none is used twice; what could not be recorded is used up all the same.
 */
export class Grants {
  readonly #parts: GrantsParts;
  readonly #byId = new Map<string, Grant>();
  /** Looked at every second, and the same until other rules are in force. */
  readonly #texts = new WeakMap<object, Map<string, string>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: GrantsParts) {
    this.#parts = parts;
  }

  /** In the order in which they were given. */
  all(): readonly Grant[] {
    return [...this.#byId.values()];
  }

  find(id: string): Grant | undefined {
    return this.#byId.get(id);
  }

  of(agent: string): readonly Grant[] {
    return this.#byId.size === 0 ? [] : this.all().filter((grant) => grant.agent === agent);
  }

  put(grant: Grant): void {
    this.#byId.set(grant.id, grant);
  }

  drop({ id }: Grant): void {
    this.#byId.delete(id);
  }

  /** The one that lets this action run as it is decided now; null: people are asked. */
  covering(action: Action, agent: Agent, decision: Decision): Grant | null {
    return this.of(action.agent).find((grant) => this.#covers(grant, action, agent, decision)) ?? null;
  }

  #covers(grant: Grant, action: Action, { owner, backup }: Agent, { reviews }: Decision): boolean {
    const { clock, electorate, inForce } = this.#parts;
    if (!isLeft(grant, clock.now())) return false;
    if (grant.operation !== action.operation || grant.pin !== action.pin || grant.door !== action.door)
      return false;
    if (action.sentAs !== undefined || !mayStand(entryOf(inForce(), action.operation))) return false;
    if (!coversTargets(grant.targets, action.targets)) return false;
    const covered = reviews.every(({ rule, who }) =>
      grant.reviews.some((one) => one.rule === rule && one.who === who),
    );
    if (!covered || !this.#sameRules(grant)) return false;
    const voter = electorate.voters().get(grant.person);
    return voter !== undefined && isEnoughAlone(owner, backup, reviews, voter);
  }

  /** Digests of the rules' texts as they stand now; a rule that is there no more has none. */
  textsOf(reviews: readonly Review[]): readonly string[] {
    const { policy } = this.#parts.inForce();
    const texts = this.#texts.get(policy) ?? new Map<string, string>();
    this.#texts.set(policy, texts);
    return reviews.map(({ rule }) => {
      const known = texts.get(rule);
      if (known !== undefined) return known;
      const found = policy.rules.find(({ id }) => id === rule);
      const text = found === undefined ? '' : digestOf(found.text);
      texts.set(rule, text);
      return text;
    });
  }

  #sameRules({ reviews, texts }: Grant): boolean {
    return this.textsOf(reviews).every((text, i) => text !== '' && text === texts[i]);
  }

  /** Uses it once, in memory in this very tick. The draft belongs in the commit that allows the action. */
  spend(grant: Grant, action: Action): Draft {
    const fields = spentFields(grant, action);
    this.#byId.set(grant.id, { ...grant, used: grant.used + 1 });
    return { fields };
  }

  /** Before anything is asked: reads back what stands, from the log. */
  async recall(store: Store): Promise<void> {
    for (const grant of await grantsIn(store)) this.put(grant);
  }

  start(): void {
    this.#timer ??= setInterval(() => this.sweep(), LIMITS.approvalSweepMs).unref();
    this.#parts.halt.watch(() => this.sweep());
    this.sweep();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Ends what can let nothing run any more. */
  sweep(): void {
    for (const grant of this.all()) {
      const reason = this.#whyOver(grant);
      if (reason !== null) this.#end(grant, reason);
    }
  }

  #whyOver(grant: Grant): GrantEnd | null {
    const { clock, halt, inForce } = this.#parts;
    const agent = inForce().agents.get(grant.agent);
    if (agent === undefined) return 'agent-gone';
    if (halt.levelOf(agent) === 'killed') return 'killed';
    if (!this.#sameRules(grant)) return 'rules-changed';
    if (grant.used >= grant.times) return 'used-up';
    return clock.now() >= grant.untilMs ? 'ran-out' : null;
  }

  #end(grant: Grant, reason: GrantEnd): void {
    this.drop(grant);
    const draft: Draft = { fields: endedFields(grant, reason), cells: [noCell(grant)] };
    const { recorder, report } = this.#parts;
    recorder.record(draft).catch((error: unknown) => {
      recorder.owe(draft);
      report(`the end of a grant could not be recorded yet: ${String(error)}`);
    });
  }
}
