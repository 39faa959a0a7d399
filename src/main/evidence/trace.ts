import { canonicalize } from '../../base/canonical.ts';
import { digestOf } from '../../base/hash.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { OperationEntry } from '../../catalog/entry.ts';
import type { Template } from '../../catalog/targets/template.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import { saltedDigest } from '../../pipeline/action/action.ts';
import type { Store } from '../../store/store.ts';
import { entryOf, ruleOf, type SetAt, setAt } from '../in-force/set-at.ts';
import { marksBefore } from './trace-marks.ts';
import { sessionsBefore } from './trace-session.ts';

/**
 * Walks back from an effect to what led to it: who, in which session, what that had read, what it had been denied, which
 * rules decided and what they said then. Reads the log and what is kept beside it; null where there is no such action.
 * `named`: the id of an action, or the number of an entry about it.
 */
export async function traceAction(
  store: Store,
  around: { readonly configPath: string; readonly state: string },
  named: string,
): Promise<JsonObject | null> {
  const id = await actionNamed(store, named);
  const entries = await entriesOf(store, id);
  const decided = entries.find(({ kind }) => kind === 'action.decided');
  if (decided === undefined) return null;
  const outcome = entries.findLast(({ kind }) => kind === 'action.outcome');
  const set = await setAt(store, around.configPath, around.state, decided.seq);
  const entry = entryOf(set, decided.operation ?? '');
  return {
    action: id,
    decided: plainOf(decided),
    outcome: outcome === undefined ? null : plainOf(outcome),
    // Approvals and continuations of this action, once there are any.
    between: entries.filter((one) => one !== decided && one !== outcome).map(plainOf),
    digest: digestHolds(decided),
    arguments: await bodyOf(store, id, 'arguments', decided.argumentsDigest),
    result: await bodyOf(store, id, 'result', outcome?.['resultDigest']),
    rules: rulesOf(set, decided),
    inForce: { set: set.set, policy: decided.policy ?? null, ...(set.why === null ? {} : { why: set.why }) },
    operation: describeEntry(entry),
    claims: {
      reason: decided['claimedReason'] ?? null,
      by: decided.agent ?? null,
      verified: false,
    },
    userWords: null,
    userWordsWhy: 'MCP carries no words of the user to a server, so what she asked for is not known here',
    approval: null,
    marks: await marksBefore(store, decided),
    sessions: await sessionsBefore(store, decided, set),
  };
}

/** What a person types for an action: its id, or the number of an entry about it. Empty where that entry is about none. */
export async function actionNamed(store: Store, named: string): Promise<string> {
  if (!/^\d{1,15}$/.test(named)) return named;
  const seq = Number(named);
  for await (const page of store.entries(seq, Math.min(seq + 1, await store.size())))
    for (const row of page) return entryIn(row.text).action ?? '';
  return '';
}

async function entriesOf(store: Store, action: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const page of store.find({ action })) for (const row of page) entries.push(entryIn(row.text));
  return entries;
}

/** Entries are JSON; only their type allows absent members. */
const plainOf = (entry: Entry): JsonObject => ({ ...entry }) as JsonObject;

function digestHolds(decided: Entry): JsonObject {
  const { agent = null, argumentsDigest = null, operation = null, pin = null, target, targets } = decided;
  const all = targets ?? (target === undefined ? [] : [target]);
  const text = canonicalize({ agent, argumentsDigest, operation, pin, targets: all as readonly Json[] });
  return { recorded: decided.digest ?? null, holds: digestOf(text) === decided.digest };
}

/** A body with its salt, so that anyone can make the digest again. */
async function bodyOf(
  store: Store,
  action: string,
  part: 'arguments' | 'result',
  recorded: Json | undefined,
): Promise<JsonObject> {
  const body = await store.body(action, part);
  const digest = recorded ?? null;
  if (body === null)
    return {
      kept: false,
      digest,
      why: digest === null ? 'there is none' : 'its time is over, or it was removed',
    };
  const holds = saltedDigest(body.salt, body.text) === recorded;
  const changed = /\[redacted\]|\[secret\]|… \[cut\]$/.test(body.text);
  return {
    kept: true,
    text: body.text,
    salt: Buffer.from(body.salt).toString('base64'),
    digest,
    holds,
    ...(holds
      ? {}
      : {
          why: changed
            ? 'it was kept redacted or cut, so the digest of the whole cannot be made from it'
            : 'what is kept is not what was digested: it was changed afterwards',
        }),
  };
}

function rulesOf(set: SetAt, decided: Entry): JsonObject[] {
  return (decided.rules ?? []).map((id): JsonObject => {
    const rule = ruleOf(set, id);
    if (rule === undefined) return { id, text: null };
    const { file, line, effect, text, annotations } = rule;
    return { id, file, line, effect, text, reason: annotations.reason ?? annotations.need ?? null };
  });
}

/** What the catalog of then says of the operation, and how it is taken back. */
function describeEntry(entry: OperationEntry | undefined): JsonObject | null {
  if (entry === undefined) return null;
  const { risk, effect, reversibility, audience, worst, source, sensitivity, undo } = entry;
  const inverse =
    undo === undefined
      ? null
      : {
          operation: undo.operation,
          arguments: Object.fromEntries(
            Object.entries(undo.arguments).map(([name, template]) => [name, textOf(template)]),
          ),
        };
  return { risk, effect: [...effect], reversibility, audience, worst, source, sensitivity, undo: inverse };
}

const textOf = (template: Template): string =>
  template.map((part) => (typeof part === 'string' ? part : `{${part.path.join('.')}}`)).join('');
