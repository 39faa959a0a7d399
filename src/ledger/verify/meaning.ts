import { hash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { canonicalText } from './canonical.ts';
import { EndedActions } from './ended-actions.ts';
import type { Faults, OpenAction } from './report.ts';

/**
 * What `--deep` checks: an action is allowed once, and never again; every outcome ends one that is open; what continues is
 * open; and every digest is that of the fields beside it. Times do not matter, because clocks step. An action that waits for
 * people is decided several times, and what a call repeats after its end is a new action. Keeps in memory what is open, and
 * of what has ended the ids.
 */
export class Meaning {
  readonly #faults: Faults;
  readonly #open = new Map<string, number>();
  readonly #ended = new EndedActions();

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  see(entry: JsonObject, seq: number): void {
    const action = entry['action'];
    if (entry['kind'] === 'action.decided') this.#seeDecision(entry, seq, action);
    else if (entry['kind'] === 'action.outcome') this.#seeOutcome(seq, action);
    else if (entry['kind'] === 'action.continued') this.#seeContinued(seq, action);
  }

  open(): OpenAction[] {
    return [...this.#open].map(([action, seq]) => ({ action, seq }));
  }

  #seeDecision(entry: JsonObject, seq: number, action: Json | undefined): void {
    if (typeof action !== 'string') {
      this.#faults.add('not-an-entry', seq, `entry ${seq} decides no action`);
      return;
    }
    if (entry['digest'] !== undefined && entry['digest'] !== digestOfFields(entry)) {
      this.#faults.add('bad-digest', seq, `the digest in entry ${seq} is not that of its fields`);
    }
    if (entry['decision'] !== 'allow') return;
    const before = this.#open.get(action);
    if (before !== undefined) {
      this.#faults.add(
        'allowed-twice',
        seq,
        `entry ${seq} allows what entry ${before} allowed and nothing ended`,
      );
    } else if (this.#ended.has(action)) {
      this.#faults.add(
        'allowed-twice',
        seq,
        `entry ${seq} allows what was allowed before and has its outcome`,
      );
    }
    this.#open.set(action, seq);
  }

  #seeContinued(seq: number, action: Json | undefined): void {
    if (typeof action === 'string' && this.#open.has(action)) return;
    this.#faults.add(
      'continued-without-allow',
      seq,
      `entry ${seq} continues an action that no open allow stands for`,
    );
  }

  #seeOutcome(seq: number, action: Json | undefined): void {
    if (typeof action === 'string' && this.#open.delete(action)) {
      this.#ended.add(action);
      return;
    }
    this.#faults.add(
      'outcome-without-allow',
      seq,
      `entry ${seq} ends an action that no open allow stands for`,
    );
  }
}

/** `digest` = SHA-256 of RFC 8785 {agent, operation, pin, targets, argumentsDigest}; without a pin, pin is null. */
function digestOfFields(entry: JsonObject): string {
  const { agent = null, argumentsDigest = null, operation = null, pin = null } = entry;
  const targets = entry['targets'] ?? (isJsonObject(entry['target']) ? [entry['target']] : []);
  return `sha256:${hash('sha256', canonicalText({ agent, argumentsDigest, operation, pin, targets }), 'hex')}`;
}
