import { isJsonObject, type JsonObject } from '../../base/json.ts';

interface Batch {
  readonly person: string;
  /** By question: the digest that was signed for; each is good for one answer. */
  readonly left: Map<string, string>;
}

/**
 * Checks each yes without a signature of its own. It is good where the question was about what can be taken back and
 * reaches nobody outside, or where it is one of a list that its person signed.
 */
export class Answers {
  /** Open questions for which a session is enough. */
  readonly #mild = new Set<string>();
  readonly #batches = new Map<string, Batch>();

  follow(entry: JsonObject, kind: string): void {
    const approval = textOf(entry, 'approval');
    if (kind === 'approval.asked' && isMild(entry)) this.#mild.add(approval);
    if (kind === 'approval.spent' || kind === 'approval.cancelled') this.#mild.delete(approval);
  }

  /** Takes in an entry whose signature holds. */
  signed(entry: JsonObject): void {
    if (entry['kind'] !== 'approval.batch' || !Array.isArray(entry['answers'])) return;
    const left = new Map<string, string>();
    for (const one of entry['answers'])
      if (isJsonObject(one)) left.set(textOf(one, 'approval'), textOf(one, 'digest'));
    this.#batches.set(textOf(entry, 'batch'), { person: textOf(entry, 'person'), left });
  }

  /** Why a yes that carries no signature counts for nothing; null: it does. */
  whyUnproven(entry: JsonObject): string | null {
    if (entry['answer'] !== 'approve') return null;
    const approval = textOf(entry, 'approval');
    const batch = entry['batch'];
    if (typeof batch !== 'string')
      return this.#mild.has(approval)
        ? null
        : 'nobody signed it, and it was about more than a session is enough for';
    const found = this.#batches.get(batch);
    if (found === undefined || found.person !== entry['person']) return 'nobody signed that list';
    if (found.left.get(approval) !== entry['digest']) return 'the list that was signed does not hold it';
    found.left.delete(approval);
    if (found.left.size === 0) this.#batches.delete(batch);
    return null;
  }
}

/** As approval/grant.ts has it; said again here, since the verifier does not trust the writer. */
function isMild(entry: JsonObject): boolean {
  const { risk, reversibility, audience } = entry;
  if (risk !== 'read' && risk !== 'draft' && risk !== 'comment') return false;
  return reversibility === 'reversible' && (audience === 'self' || audience === 'team');
}

function textOf(object: JsonObject, member: string): string {
  const value = object[member];
  return typeof value === 'string' ? value : '';
}
