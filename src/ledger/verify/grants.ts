import { MINUTE_MS } from '../../base/duration.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Faults } from './report.ts';

interface Standing {
  readonly agent: string;
  readonly operation: string;
  /** Epoch milliseconds; NaN: the entry names none, and nothing is covered by it. */
  readonly untilMs: number;
  left: number;
}

/** Between the use of a grant and the time of its entry lies one commit. */
const LATEST_MS = MINUTE_MS;

/**
 * Standing approvals, followed through the log: none is used by another agent, for another operation, more often than was
 * granted or after its end, and what was allowed by one was counted.
 */
export class GrantUses {
  readonly #faults: Faults;
  readonly #standing = new Map<string, Standing>();
  /** Uses whose allow comes next, by action. */
  readonly #counted = new Map<string, string>();

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  see(entry: JsonObject, seq: number): void {
    const text = (member: string) => String(entry[member] ?? '');
    const grant = text('grant');
    switch (entry['kind']) {
      case 'grant.given':
        this.#standing.set(grant, {
          agent: text('agent'),
          operation: text('operation'),
          untilMs: Date.parse(text('expires')),
          left: Number(entry['times']),
        });
        return;
      case 'grant.revoked':
      case 'grant.ended':
        this.#standing.delete(grant);
        return;
      case 'grant.spent':
        this.#spend(entry, grant, seq);
        return;
      case 'action.decided':
        if (entry['decision'] === 'allow' && entry['grant'] !== undefined)
          this.#allow(text('action'), grant, seq);
    }
  }

  #spend(entry: JsonObject, grant: string, seq: number): void {
    const found = this.#standing.get(grant);
    const fits = found?.agent === entry['agent'] && found?.operation === entry['operation'];
    const isInTime = found !== undefined && Date.parse(String(entry['at'])) <= found.untilMs + LATEST_MS;
    if (found === undefined || !fits || !isInTime || found.left < 1)
      this.#faults.add('bad-grant', seq, `entry ${seq} uses a grant that does not cover it, or no more`);
    else found.left--;
    this.#counted.set(String(entry['action']), grant);
  }

  #allow(action: string, grant: string, seq: number): void {
    if (this.#counted.get(action) !== grant)
      this.#faults.add('bad-grant', seq, `entry ${seq} allows by a grant, and no use of it was counted`);
    this.#counted.delete(action);
  }
}
