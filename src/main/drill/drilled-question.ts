import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Kept } from '../../pipeline/approval/approval-kept.ts';
import type { Approvals } from '../../pipeline/approval/approvals.ts';
import type { CanaryAgent } from '../doctor/agent.ts';
import type { CanaryServer } from '../doctor/canary-server.ts';
import type { Fate } from './lane.ts';
import type { Gesture, Prop } from './prop.ts';
import { type DrilledThing, round, until } from './thing.ts';

/** The tool whose every call needs a person. */
export const ASK_TOOL = 'ask';
/** Who is asked: nobody real, so that nobody is told. */
export const DRILL_PERSON = 'lanyard-drill';

/** A call that waits for a person. She says yes right after the stop, and nothing may come of it. */
export class DrilledQuestion implements Prop {
  readonly what = 'a waiting approval';
  readonly #client: CanaryAgent;
  readonly #canary: CanaryServer;
  readonly #approvals: Approvals;
  readonly #now: () => number;
  #ended: { readonly ms: number; readonly fate: Fate } | null = null;
  #kept: Kept | null = null;

  constructor(client: CanaryAgent, canary: CanaryServer, approvals: Approvals, now: () => number) {
    this.#client = client;
    this.#canary = canary;
    this.#approvals = approvals;
    this.#now = now;
  }

  async raise(): Promise<Result<void, string>> {
    void this.#call().then((fate) => {
      this.#ended = { ms: this.#now(), fate };
    });
    const waits = () => this.#approvals.all().some((kept) => kept.recorded === undefined);
    await until(this.#now, LIMITS.drillStartMs, () => waits() || this.#ended !== null);
    this.#kept = this.#approvals.all()[0] ?? null;
    return this.#kept !== null && this.#ended === null ? ok(undefined) : err('no question came of it');
  }

  async see({ level, atMs }: Gesture): Promise<DrilledThing> {
    const kept = this.#kept;
    const isCancelled = kept?.approval.phase === 'cancelled';
    // As if a yes had been on its way: frozen, it may be given and never used.
    if (kept !== null && !isCancelled) {
      const { digest } = kept.approval;
      this.#approvals.happen(kept, { kind: 'answered', person: DRILL_PERSON, answer: 'approve', digest });
    }
    await until(this.#now, LIMITS.drillEndMs, () => this.#ended !== null);
    const ran = this.#canary.arrived.some(({ name }) => name === ASK_TOOL);
    const isOver = level === 'frozen' || isCancelled;
    const ended = this.#ended;
    // A release must not let it run.
    if (kept !== null) this.#approvals.cancel(kept, 'operator');
    return {
      kind: 'approval',
      name: 'a call that waits for a person',
      ms: ended === null ? null : round(ended.ms - atMs),
      held: isOver && !ran && ended?.fate === 'stopped' && ended.ms >= atMs,
    };
  }

  goesOn(): null {
    return null;
  }

  async end(): Promise<void> {
    if (this.#kept !== null) this.#approvals.cancel(this.#kept, 'operator');
  }

  /** With the older generation, whose calls are held while a person is asked. */
  async #call(): Promise<Fate> {
    try {
      const { kind } = await this.#client.call('HTTP, 2025-11-25', this.#canary.id, ASK_TOOL, { text: '' });
      return kind === 'ok' ? 'ran' : kind === 'nothing' ? 'lost' : 'stopped';
    } catch {
      return 'lost';
    }
  }
}
