import { type Clock, toInstant } from '../../base/clock.ts';
import { MINUTE_MS } from '../../base/duration.ts';
import { type Problem, problem } from '../../base/errors.ts';
import type { Ids } from '../../base/ids.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, type Result } from '../../base/result.ts';
import type { ApiChange } from '../../contract/control-api.ts';
import type { EntryFields } from '../../contract/log-entry.ts';
import type { Person } from '../../model/person.ts';
import type { Proof } from '../../pipeline/credentials/proof.ts';
import {
  ACTS,
  type Done,
  type OperatingGround,
  type OperatorAct,
  operate,
  statedOf,
} from '../../pipeline/operate.ts';
import type { Answer } from '../route.ts';

type ChangeState = ApiChange['state'];

/** An act that widens and waits until a person signs exactly it. */
export interface Change {
  readonly id: string;
  readonly act: OperatorAct<unknown>;
  /** `socket`, or the id of the person who asked. */
  readonly asked: string;
  readonly expiresAtMs: number;
  readonly stated: ReturnType<typeof statedOf>;
  state: ChangeState;
  /** What whoever asked is answered, once it was signed; set by whoever passes that on. */
  answer?: Promise<Answer>;
  sign(person: Person, proof: Proof): Promise<Result<Done<unknown>, Problem>>;
  drop(state: 'dropped' | 'expired', why: string): void;
}

/**
 * Changes that wait for a signature: the very act that will be done, kept as it was prepared. Signed is its digest; an
 * act whose ground has moved meanwhile refuses itself then.
 */
export class Changes {
  readonly #ground: OperatingGround;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #all = new Map<string, Change>();
  readonly #watchers = new Set<(change: Change) => void>();

  constructor(ground: OperatingGround, ids: Ids) {
    this.#ground = ground;
    this.#clock = ground.clock;
    this.#ids = ids;
  }

  /** What refuses itself is refused at once, and not first when it is signed. Resolves once somebody signed it, dropped it, or nobody did in time. `onWaiting` is told of it first. */
  async ask<T>(
    asked: string,
    act: OperatorAct<T>,
    onWaiting: (change: Change) => void,
  ): Promise<Result<Done<T>, Problem>> {
    const waiting = this.waiting().filter((one) => one.asked === asked).length;
    if (waiting >= LIMITS.changesPerAsker)
      return err(problem('TOO_MANY_CHANGES', { count: waiting, asker: asked }));
    const refusal = (await act.refuse?.()) ?? null;
    if (refusal !== null) return err(refusal);
    return new Promise((resolve) => {
      const id = this.#ids();
      // Of two who sign at once, one does it; and what is being done is not dropped.
      let signing = false;
      const timer = setTimeout(() => change.drop('expired', TOO_LATE), LIMITS.changeMs);
      timer.unref();
      const end = (state: ChangeState, result: Result<Done<T>, Problem>) => {
        change.state = state;
        clearTimeout(timer);
        resolve(result);
        for (const then of this.#watchers) then(change);
        this.#forgetOld();
      };
      const change: Change = {
        id,
        act,
        asked,
        expiresAtMs: this.#clock.now() + LIMITS.changeMs,
        stated: statedOf(act),
        state: 'waiting',
        sign: async (person, proof) => {
          if (change.state !== 'waiting' || signing) return err(problem('CHANGE_OVER'));
          signing = true;
          const done = await operate(this.#ground, { by: 'person', person, proof }, act);
          signing = false;
          if (done.ok) end('done', done);
          else if (this.#clock.now() >= change.expiresAtMs) change.drop('expired', TOO_LATE);
          return done;
        },
        drop: (state, why) => {
          if (change.state === 'waiting' && !signing) end(state, err({ code: ENDED[state], sentence: why }));
        },
      };
      this.#all.set(id, change);
      onWaiting(change);
      for (const then of this.#watchers) then(change);
    });
  }

  find(id: string): Change | undefined {
    return this.#all.get(id);
  }

  waiting(): Change[] {
    return [...this.#all.values()].filter(({ state }) => state === 'waiting');
  }

  /** `then` is told of every change that comes, and when it ends. Answers how to leave. */
  watch(then: (change: Change) => void): () => void {
    this.#watchers.add(then);
    return () => this.#watchers.delete(then);
  }

  dropAll(why: string): void {
    for (const change of this.waiting()) change.drop('dropped', why);
  }

  /** What ended stays to be looked at for a while, bounded. */
  #forgetOld(): void {
    for (const [id, { state }] of this.#all) {
      if (this.#all.size <= LIMITS.keptChanges) return;
      if (state !== 'waiting') this.#all.delete(id);
    }
  }
}

const ENDED = { dropped: 'CHANGE_DROPPED', expired: 'CHANGE_EXPIRED' } as const;
const TOO_LATE = problem('CHANGE_EXPIRED', { minutes: LIMITS.changeMs / MINUTE_MS }).sentence;

export function describeChange(change: Change): ApiChange {
  const fields: EntryFields = { ...change.act.fields, kind: ACTS[change.act.name].kind };
  return {
    id: change.id,
    act: change.act.name,
    asked: change.asked,
    expires: toInstant(change.expiresAtMs),
    change: change.stated.change,
    fields,
    state: change.state,
  };
}
