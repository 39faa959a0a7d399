import {
  after,
  type Circumstances,
  type Happening,
  hasRunOut,
  isApproved,
  type Obstacle,
  obstacle,
} from '../../approval/life.ts';
import { entitled, isOfOthers } from '../../approval/who.ts';
import type { CancelSignal } from '../../base/cancel.ts';
import type { Clock } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';
import type { EntryFields } from '../../contract/log-entry.ts';
import type { Action } from '../../model/action.ts';
import type { Approval, Voter } from '../../model/approval.ts';
import type { CellChange, Store } from '../../store/store.ts';
import type { InForce } from '../in-force.ts';
import type { Recorder } from '../record.ts';
import type { Draft } from '../recording/draft.ts';
import type { HaltSwitch } from '../stop/halt-switch.ts';
import { approvalFields, approvalsIn } from './approval-entries.ts';
import { type CancelReason, doingOf, isGenuine, type Kept, keptCell, readKept } from './approval-kept.ts';
import { ApprovalWaiting } from './approval-waiting.ts';
import { KeptQuestions } from './kept-questions.ts';

/** Who can answer at all: people who can sign in. main/ joins it to where they do. */
export interface Electorate {
  /** Whether anybody has ever enrolled; until then nobody can approve. */
  isClaimed(): boolean;
  /** Everybody who can sign in now, by id. */
  voters(): ReadonlyMap<string, Voter>;
  /** Where a person answers this question; null where people cannot be reached by an address. */
  pageOf(approval: string): string | null;
}

interface ApprovalsParts {
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly halt: HaltSwitch;
  readonly electorate: Electorate;
  inForce(): InForce;
  /** How long a call is held for an answer. */
  holdMs(): number;
  report(line: string): void;
}

/**
 * The questions that wait for people, those that ran out, and the noes that still stand. What has happened to one is worked
 * out from the log at every start; the cells hold only what the log must not: salts, and arguments that a person edited.
 */
export class Approvals {
  readonly #parts: ApprovalsParts;
  readonly #questions = new KeptQuestions();
  readonly #waiting = new ApprovalWaiting();
  readonly #locks = new Map<string, Promise<unknown>>();
  /** Cells of questions that nobody looks at any more. */
  readonly #stale: CellChange[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #edition = 0;

  constructor(parts: ApprovalsParts) {
    this.#parts = parts;
  }

  get electorate(): Electorate {
    return this.#parts.electorate;
  }

  /** Nobody is held any more. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  get holdMs(): number {
    return this.#parts.holdMs();
  }

  /** Another number whenever a question came, went or moved. */
  get edition(): number {
    return this.#edition;
  }

  /** In the order in which they were asked. */
  all(): readonly Kept[] {
    return this.#questions.all();
  }

  find(id: string): Kept | undefined {
    return this.#questions.find(id);
  }

  /** Whether this agent has anything here: most never have, and cost no more than this. */
  has(agent: string): boolean {
    return this.#questions.has(agent);
  }

  /** The question that this action repeats: the open one, else the newest that was denied or ran out. */
  match(action: Action): Kept | null {
    return this.#questions.match(action, (kept) => kept.approval.phase === 'open' && !this.hasRunOut(kept));
  }

  /** A question that named the same attempt (`_meta["dev.lanyard/idempotency"]`), whatever it was about. */
  named(agent: string, idempotency: string): Kept | null {
    for (const kept of this.#questions.of(agent))
      if (kept.asked.idempotency === idempotency && kept.approval.phase === 'open') return kept;
    return null;
  }

  hasRunOut({ approval }: Kept): boolean {
    return hasRunOut(approval, this.#parts.clock.now());
  }

  isApproved({ approval }: Kept): boolean {
    return approval.answers.length > 0 && isApproved(approval, this.#parts.electorate.voters());
  }

  /** Ids of those who may answer. */
  people(approval: Approval): readonly string[] {
    return entitled(approval, this.#parts.electorate.voters().values());
  }

  /** Questions of an agent that wait for an answer. */
  waitingOf(agent: string): number {
    const nowMs = this.#parts.clock.now();
    let count = 0;
    for (const kept of this.#questions.of(agent))
      if (kept.approval.phase === 'open' && !hasRunOut(kept.approval, nowMs) && !this.isApproved(kept))
        count++;
    return count;
  }

  obstacle(kept: Kept, happening: Happening): Obstacle | null {
    return obstacle(kept.approval, happening, this.#circumstances());
  }

  #circumstances(): Circumstances {
    const { clock, electorate, inForce } = this.#parts;
    return { nowMs: clock.now(), policy: inForce().policy.digest, voters: electorate.voters() };
  }

  /** Takes on a question before it is recorded, so that what repeats it meanwhile finds it. */
  open(kept: Kept): CellChange {
    this.#put(kept);
    return keptCell(kept);
  }

  /** It could not be recorded: nobody was asked. */
  forget(kept: Kept): void {
    this.#drop(kept);
    this.#waiting.wake(kept.approval.id);
  }

  /** What has happened, in memory; whoever waits for this question looks again. */
  happen(kept: Kept, happening: Happening): void {
    kept.approval = after(kept.approval, happening, this.#parts.clock.now());
    this.#edition++;
    if (kept.approval.phase === 'spent' || kept.approval.phase === 'cancelled') this.#drop(kept);
    else this.#trim(kept.approval.agent);
    this.#waiting.wake(kept.approval.id);
  }

  /** Records that a person was shown the question: once for each person, and anew after an edit. Wakes nobody who waits. */
  show(kept: Kept, person: string): void {
    const { phase, shownTo } = kept.approval;
    if ((phase !== 'open' && phase !== 'expired') || shownTo.includes(person)) return;
    kept.approval = after(kept.approval, { kind: 'shown', person }, this.#parts.clock.now());
    this.#tell({ fields: { kind: 'approval.shown', ...approvalFields(kept.approval), person } });
  }

  /** One act at a time on one question. */
  async exclusively<T>(id: string, act: () => Promise<T>): Promise<T> {
    const before = this.#locks.get(id) ?? Promise.resolve();
    const mine = before.then(act, act);
    this.#locks.set(id, mine);
    try {
      return await mine;
    } finally {
      if (this.#locks.get(id) === mine) this.#locks.delete(id);
    }
  }

  /** Uses it up, in memory in this very tick. The draft belongs in the commit that allows the action. */
  spend(kept: Kept, by: readonly string[]): Draft | Obstacle {
    const { digest } = kept.approval;
    const why = this.obstacle(kept, { kind: 'spent', digest });
    if (why !== null) return why;
    this.happen(kept, { kind: 'spent', digest });
    return {
      fields: { kind: 'approval.spent', ...approvalFields(kept.approval), people: by },
      cells: [{ ...keptCell(kept), value: null }],
    };
  }

  /** Ends a question in memory; the draft tells it. */
  cancelling(kept: Kept, reason: CancelReason, more: Partial<EntryFields> = {}): Draft | null {
    if (this.obstacle(kept, { kind: 'cancelled' }) !== null) return null;
    kept.cancelledFor = reason;
    this.happen(kept, { kind: 'cancelled' });
    return {
      fields: { ...approvalFields(kept.approval), ...more, kind: 'approval.cancelled', reason },
      cells: [{ ...keptCell(kept), value: null }],
    };
  }

  /** Ends a question; told by itself, now or when the log can be written again. */
  cancel(kept: Kept, reason: CancelReason): void {
    this.#tell(this.cancelling(kept, reason));
  }

  #tell(draft: Draft | null): void {
    if (draft === null) return;
    const { recorder, report } = this.#parts;
    recorder.record(draft).catch((error: unknown) => {
      recorder.owe(draft);
      report(`what became of a question could not be recorded yet: ${String(error)}`);
    });
  }

  /**
   * Resolves when something may have moved: with this question, with a stop, or when `untilMs` (monotonic) has come or
   * the caller has gone. `tick` is called every so often meanwhile.
   */
  wait({ approval }: Kept, untilMs: number, signal: CancelSignal, tick: () => void): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    const leftMs = untilMs - this.#parts.clock.monotonicMs();
    const listen = (heard: () => void) => this.#parts.halt.listen(heard);
    return this.#waiting.wait(approval.id, { leftMs, signal, tick, listen });
  }

  /** Whoever waits for a question of this agent looks again. */
  wakeAgent(agent: string): void {
    for (const { approval } of this.#questions.of(agent)) this.#waiting.wake(approval.id);
  }

  /** Before anything is asked: reads back what was, from the log alone. */
  async recall(store: Store): Promise<void> {
    const cells = await store.cells('approval');
    const kept = new Map<string, Kept>();
    for (const cell of cells) {
      const read = readKept(cell.value);
      if (read === null) this.#parts.report(`a question (${cell.key}) cannot be read back, so it is no more`);
      else kept.set(cell.key, read);
    }
    const from = Math.min(...[...kept.values()].map(({ asked }) => asked.from));
    const found = kept.size === 0 ? new Map<string, Approval>() : await approvalsIn(store, from);
    for (const [id, one] of kept) {
      const approval = found.get(id);
      // A cell that no entry stands for was put there by somebody else.
      if (approval === undefined || !isGenuine(one, approval))
        this.#parts.report(`the log knows no such question as ${id}, so it is no more`);
      else if (approval.phase !== 'spent' && approval.phase !== 'cancelled') this.#put({ ...one, approval });
    }
  }

  /** From now on what runs out is noted, and what no longer holds is ended. */
  start(): void {
    this.#isStopped = false;
    this.#timer ??= setInterval(() => this.sweep(), LIMITS.approvalSweepMs).unref();
    this.#parts.halt.watch(() => this.sweep());
    this.sweep();
  }

  /** Nobody is held any longer; what waits is found again at the next start. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#isStopped = true;
    this.#waiting.wakeAll();
  }

  /** Notes what has run out, and ends what can never be spent any more. */
  sweep(): void {
    const nowMs = this.#parts.clock.now();
    for (const kept of this.all()) {
      const { approval } = kept;
      const reason = this.#whyOver(kept);
      if (reason !== null) this.cancel(kept, reason);
      else if (approval.phase === 'open' && hasRunOut(approval, nowMs)) this.#expire(kept);
      else if (approval.phase !== 'open' && nowMs >= approval.expiresAtMs + LIMITS.endedApprovalMs)
        this.#discard(kept);
    }
  }

  #whyOver(kept: Kept): CancelReason | null {
    const { agent, policy, phase } = kept.approval;
    if (phase !== 'open' && phase !== 'expired') return null;
    const inForce = this.#parts.inForce();
    const known = inForce.agents.get(agent);
    if (known === undefined) return 'agent-gone';
    if (this.#parts.halt.levelOf(known, doingOf(kept)) === 'killed') return 'killed';
    if (policy !== inForce.policy.digest) return 'rules-changed';
    return isOfOthers(kept.approval, known) ? 'owner-changed' : null;
  }

  #expire(kept: Kept): void {
    const reason = this.isApproved(kept) ? 'unspent' : 'unanswered';
    this.happen(kept, { kind: 'expired' });
    this.#tell({ fields: { kind: 'approval.expired', ...approvalFields(kept.approval), reason } });
  }

  #put(kept: Kept): void {
    this.#edition++;
    this.#questions.put(kept);
  }

  #drop(kept: Kept): void {
    this.#edition++;
    this.#questions.drop(kept);
  }

  /** Keeps only the newest questions that are over. A no that still stands is not over. */
  #trim(agent: string): void {
    const nowMs = this.#parts.clock.now();
    const ended = [...this.#questions.of(agent)].filter(
      ({ approval: { phase, expiresAtMs } }) =>
        phase !== 'open' && !(phase === 'denied' && nowMs < expiresAtMs),
    );
    for (const kept of ended.slice(0, Math.max(0, ended.length - LIMITS.endedApprovalsPerAgent)))
      this.#discard(kept);
  }

  /** Forgets a question that the log keeps. Its cell is removed with the next entry that is about questions. */
  #discard(kept: Kept): void {
    if (kept.approval.phase === 'denied') {
      this.#drop(kept);
      this.#stale.push({ ...keptCell(kept), value: null });
    } else this.cancel(kept, 'needless');
  }

  /** Removed with the next entry that is about questions. */
  forgetLater(cell: CellChange): void {
    this.#stale.push(cell);
  }

  /** To be removed with an entry. */
  takeStale(): readonly CellChange[] {
    return this.#stale.splice(0);
  }
}
