import { problem } from '../../base/errors.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import { NO_TARGET_TYPE } from '../../catalog/entry.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import type { Operations } from '../../control/operations.ts';
import { readCompletion } from '../../intake/completion.ts';
import { type Attempt, DOORS, type TargetRef } from '../../model/action.ts';
import { isAskMethod } from '../../model/ask.ts';
import { isLevel } from '../../model/level.ts';
import { isMark } from '../../model/mark.ts';
import { policyRequest } from '../../pipeline/action/decide.ts';
import { pastOf } from '../../pipeline/action/past.ts';
import { prepare } from '../../pipeline/action/prepare.ts';
import { compileInForce, type InForce } from '../../pipeline/in-force.ts';
import { renderExplanation } from '../../policy/index.ts';
import { actionNamed } from '../evidence/trace.ts';
import type { House } from '../house.ts';
import { resolveSet, type Surroundings } from '../in-force/resolve-set.ts';
import { decodeSet } from '../in-force/rule-set.ts';

/**
 * `policy explain ACTION-ID`: decides the recorded action again, on its recorded arguments and time, under the rules
 * that were in force then, and says which rules decided and what each condition evaluated to. `named` as for a trace.
 */
export async function explainAction(
  house: House,
  around: Surroundings,
  named: string,
): ReturnType<Operations['explain']> {
  const id = await actionNamed(house.store, named);
  const decided = await decidedEntry(house, id);
  if (decided === null) return err(problem('ACTION_UNKNOWN', { id: named }));
  const body = await house.store.body(id, 'arguments');
  if (body === null) return err(problem('ARGUMENTS_GONE', { id }));

  const inForce = await rulesOf(house, around, decided);
  const attempt = recordedAttempt(decided, JSON.parse(body.text) as Json);
  const prepared = prepare(house.rooms, inForce, attempt, '2026');
  if (prepared.kind === 'refused') return err(prepared.problem);
  const level = typeof decided['level'] === 'string' && isLevel(decided['level']) ? decided['level'] : 'live';
  const request = policyRequest(prepared, level, Date.parse(decided.at), {
    marks: (decided.marks ?? []).filter(isMark),
    past: pastOf(decided),
  });
  const explanation = inForce.policy.explain(request);
  const notes = notesOn(decided, inForce, prepared.blocked?.sentence, body.text);
  const text = [...notes, renderExplanation(explanation)].join('\n');
  return ok({
    text,
    explanation: JSON.parse(JSON.stringify({ recorded: decided, notes, explanation })) as Json,
  });
}

async function decidedEntry(house: House, action: string): Promise<Entry | null> {
  for await (const page of house.store.find({ action, kinds: ['action.decided'] })) {
    for (const row of page) return entryIn(row.text);
  }
  return null;
}

/** The rules by which it was decided, where that set can still be built; else those in force now. */
async function rulesOf(house: House, around: Surroundings, decided: Entry): Promise<InForce> {
  const now = house.standing.inForce;
  if (decided.policy === now.policy.digest) return now;
  for (const { value } of await house.store.cells('set')) {
    const resolved = resolveSet(decodeSet(value), around);
    const built = resolved.ok ? compileInForce(resolved.value.parts, house.pins, 'hide') : null;
    if (built?.ok === true && built.value.policy.digest === decided.policy) return built.value;
  }
  return now;
}

/** The attempt that a recorded action was, with the arguments that were kept of it. */
export function recordedAttempt(decided: Entry, args: Json): Attempt {
  const [, upstream = '', leaf = ''] = /^mcp:([^/]+)\/(.+)$/.exec(decided.operation ?? '') ?? [];
  const method =
    leaf === 'resources/read' || leaf === 'prompts/get' || isAskMethod(leaf) ? leaf : 'tools/call';
  const input = isJsonObject(args) ? args : {};
  const name = method === 'tools/call' ? leaf : String(input['uri'] ?? decided['name'] ?? '');
  const completion = decided['sentAs'] === 'completion/complete' ? readCompletion(input) : null;
  return {
    agent: decided.agent ?? '',
    session: decided.session ?? '',
    token: null,
    door: DOORS.find((door) => door === decided.door) ?? 'mcp',
    upstream,
    ...saidResource(decided, upstream),
    ...(completion?.ok ? completion.value : { method, name, arguments: input }),
  };
}

/** What its caller alone said it was about stands before the upstream as a whole (`saidTarget`). */
function saidResource({ door, targets }: Entry, upstream: string): { readonly resource?: TargetRef } {
  const [said, place, ...more] = targets ?? [];
  const isPlace = place?.type === NO_TARGET_TYPE && place.id === upstream && more.length === 0;
  return door === 'check' && said !== undefined && isPlace ? { resource: said } : {};
}

/** What a reader must know about how far this explanation carries. */
function notesOn(decided: Entry, inForce: InForce, blocked: string | undefined, text: string): string[] {
  const notes = [
    `recorded: ${decided.decision}${decided.code === undefined ? '' : ` (${decided.code})`} at ${decided.at}`,
  ];
  if (decided.policy !== inForce.policy.digest)
    notes.push(
      'The rules or schemas have changed since and cannot be built again; this is how it would be decided now.',
    );
  if (blocked !== undefined) notes.push(`Before any rule is asked: ${blocked}`);
  if (text.includes('[redacted]') || text.includes('[secret]'))
    notes.push('Some arguments were kept redacted; conditions on them may come out otherwise.');
  return notes;
}
