import type { CancelSignal } from '../../base/cancel.ts';
import { canonicalize } from '../../base/canonical.ts';
import type { Clock } from '../../base/clock.ts';
import { HOUR_MS } from '../../base/duration.ts';
import { type Problem, problem } from '../../base/errors.ts';
import type { Ids } from '../../base/ids.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { entryIn } from '../../contract/log-entry.ts';
import type { Agent } from '../../model/agent.ts';
import type { Appeal, AppealAnswer, AppealKind } from '../../model/appeal.ts';
import type { Store } from '../../store/store.ts';
import type { Recorder } from '../record.ts';
import {
  after,
  expiredDraft,
  type KeptAppeal,
  keep,
  madeDraft,
  readMade,
  repeatedDraft,
} from './appeal-entries.ts';

const KINDS = ['appeal.made', 'appeal.answered', 'appeal.expired', 'appeal.repeated'];

interface AppealsParts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly recorder: Recorder;
  report(line: string): void;
}

/**
 * What agents have put before people: what waits, and for a day what was answered or ran out. The same words of the same
 * agent are the same appeal until then. What became of one is worked out from the log at every start.
 */
export class Appeals {
  readonly #parts: AppealsParts;
  readonly #byId = new Map<string, KeptAppeal>();
  readonly #byWords = new Map<string, string>();
  /** When each agent made its newest ones. */
  readonly #made = new Map<string, number[]>();
  readonly #waiting = new Set<() => void>();
  /** Being recorded: what repeats one meanwhile waits for it. */
  readonly #recording = new Map<string, Promise<Result<Appeal, Problem>>>();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(parts: AppealsParts) {
    this.#parts = parts;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** The oldest first. */
  all(): readonly Appeal[] {
    return [...this.#byId.values()].map(({ appeal }) => appeal);
  }

  find(id: string): KeptAppeal | undefined {
    return this.#byId.get(id);
  }

  /**
   * Puts it before its owner, durably, or finds the one that these words made before. `digest`: of the call. A repeat of
   * what was refused is counted in the log, and is refused with the same words.
   */
  async make(
    agent: Agent,
    kind: AppealKind,
    content: JsonObject,
    digest: string,
  ): Promise<Result<Appeal, Problem>> {
    const words = canonicalize([agent.id, kind, content]);
    const under = this.#recording.get(words);
    if (under !== undefined) return under;
    const making = this.#make(agent, kind, content, { words, digest });
    this.#recording.set(words, making);
    try {
      return await making;
    } finally {
      this.#recording.delete(words);
    }
  }

  async #make(
    agent: Agent,
    kind: AppealKind,
    content: JsonObject,
    { words, digest }: { readonly words: string; readonly digest: string },
  ): Promise<Result<Appeal, Problem>> {
    const { clock, ids, recorder } = this.#parts;
    const nowMs = clock.now();
    const known = this.#byId.get(this.#byWords.get(words) ?? '');
    if (known !== undefined && !this.#isOver(known.appeal, nowMs)) return ok(await this.#again(known));
    if (known !== undefined) this.#end(known, words);
    const refused = this.#refusal(agent.id, nowMs);
    if (refused !== null) return err(refused);
    this.#made.set(agent.id, [...this.#madeLately(agent.id, nowMs), nowMs]);
    const kept = keep({
      id: ids(),
      kind,
      agent: agent.id,
      owner: agent.owner,
      ...(agent.backup === undefined ? {} : { backup: agent.backup }),
      content,
      madeAtMs: nowMs,
      expiresAtMs: nowMs + LIMITS.appealMs,
      phase: 'open',
      repeats: 0,
    });
    await recorder.record(madeDraft(kept, digest));
    this.#put(kept, words);
    return ok(kept.appeal);
  }

  async #again(kept: KeptAppeal): Promise<Appeal> {
    if (kept.appeal.answer?.answer !== 'no') return kept.appeal;
    kept.appeal = { ...kept.appeal, repeats: kept.appeal.repeats + 1 };
    await this.#parts.recorder.record(repeatedDraft(kept));
    return kept.appeal;
  }

  #refusal(agent: string, nowMs: number): Problem | null {
    const open = this.all().filter((one) => one.agent === agent && one.phase === 'open').length;
    if (open >= LIMITS.appealsPerAgent)
      return problem('TOO_MANY_APPEALS', {
        limit: LIMITS.appealsPerAgent,
        what: 'wait for a person already',
      });
    if (this.#madeLately(agent, nowMs).length < LIMITS.appealsPerHour) return null;
    return problem('TOO_MANY_APPEALS', { limit: LIMITS.appealsPerHour, what: 'were made within the hour' });
  }

  #madeLately(agent: string, nowMs: number): number[] {
    return (this.#made.get(agent) ?? []).filter((atMs) => atMs > nowMs - HOUR_MS);
  }

  /** What a person said, once it is durable; whoever waits for it looks again. */
  answered(kept: KeptAppeal, answer: AppealAnswer): void {
    if (kept.appeal.phase === 'open') kept.appeal = { ...kept.appeal, phase: 'answered', answer };
    this.#moved();
  }

  /** Resolves when anything has moved, or after so long. */
  moved(ms: number, signal: CancelSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted || this.#isStopped) done();
    });
  }

  /** Reads back what waits, and what was answered not long ago; what was over before that goes, with its text. */
  async recall(store: Store): Promise<void> {
    const { clock, report } = this.#parts;
    const cells = new Map((await store.cells('appeal')).map(({ key, value }) => [key, value]));
    const sinceMs = clock.now() - LIMITS.appealMs - LIMITS.endedAppealMs;
    for await (const page of store.find({ kinds: KINDS, sinceMs }))
      for (const { text } of page) {
        const entry = entryIn(text);
        const id = String(entry['appeal']);
        const known = this.#byId.get(id);
        if (known !== undefined) known.appeal = after(known.appeal, entry);
        if (entry.kind !== 'appeal.made') continue;
        this.#made.set(String(entry.agent), [
          ...(this.#made.get(String(entry.agent)) ?? []),
          Date.parse(entry.at),
        ]);
        const cell = cells.get(id) ?? null;
        cells.delete(id);
        const kept = readMade(entry, cell);
        if (kept !== null) this.#put(kept);
        else if (cell !== null) report(`the text of appeal ${id} is not what the log says; it is left out`);
      }
    for (const [words, id] of this.#byWords)
      if (this.#byId.get(id)?.appeal.phase === 'expired') this.#drop(id, words);
    if (cells.size > 0) await this.#endOld(store, cells);
  }

  /** Removes the texts whose time ran out while Lanyard did not run. */
  async #endOld(store: Store, cells: ReadonlyMap<string, string>): Promise<void> {
    for await (const page of store.find({ kinds: ['appeal.made'] }))
      for (const { text } of page) {
        const entry = entryIn(text);
        const kept = readMade(entry, cells.get(String(entry['appeal'])) ?? null);
        if (kept !== null) this.#expire(kept);
      }
  }

  start(): void {
    this.#timer = setInterval(() => this.sweep(), LIMITS.appealSweepMs).unref();
    this.sweep();
  }

  /** What nobody answered in time has run out; the text of what was answered goes a day later. */
  sweep(): void {
    const nowMs = this.#parts.clock.now();
    for (const [words, id] of this.#byWords) {
      const kept = this.#byId.get(id);
      if (kept === undefined || !this.#isOver(kept.appeal, nowMs)) continue;
      this.#end(kept, words);
    }
  }

  #end(kept: KeptAppeal, words: string): void {
    this.#drop(kept.appeal.id, words);
    this.#expire(kept);
  }

  #expire(kept: KeptAppeal): void {
    const { id } = kept.appeal;
    this.#parts.recorder
      .record(expiredDraft(kept))
      .catch((error: unknown) =>
        this.#parts.report(`that appeal ${id} ran out could not be recorded: ${String(error)}`),
      );
  }

  /** Nobody waits any more. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#moved();
  }

  /** Wakes everybody who waits, to look again. */
  #moved(): void {
    for (const look of [...this.#waiting]) look();
  }

  #isOver({ answer, expiresAtMs }: Appeal, nowMs: number): boolean {
    return answer === undefined ? nowMs >= expiresAtMs : nowMs >= answer.atMs + LIMITS.endedAppealMs;
  }

  #put(
    kept: KeptAppeal,
    words = canonicalize([kept.appeal.agent, kept.appeal.kind, kept.appeal.content]),
  ): void {
    this.#byId.set(kept.appeal.id, kept);
    this.#byWords.set(words, kept.appeal.id);
  }

  #drop(id: string, words: string): void {
    this.#byId.delete(id);
    this.#byWords.delete(words);
  }
}
