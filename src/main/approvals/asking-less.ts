import { mayStand } from '../../approval/grant.ts';
import { toInstant } from '../../base/clock.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { LessView } from '../../contract/approval.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import type { Operations, OperatorRefusal } from '../../control/operations.ts';
import { entryOf } from '../../pipeline/action/operation-entry.ts';
import { unknownApproval } from '../../pipeline/approval/approval-acts.ts';
import type { Kept } from '../../pipeline/approval/approval-kept.ts';
import { compileInForce, type InForce } from '../../pipeline/in-force.ts';
import { exceptionText, type RuleInfo, withException } from '../../policy/index.ts';
import type { House } from '../house.ts';
import { takeSet } from '../in-force/apply.ts';
import { changesBetween } from '../in-force/changes.ts';
import { type ResolvedSet, resolveSet, type Surroundings } from '../in-force/resolve-set.ts';
import type { RuleSet } from '../in-force/rule-set.ts';
import { requestAgain } from '../lab/suggest.ts';
import { originsOf } from '../people/control-place.ts';
import { endedBy } from './ended-by.ts';

/** The set in force with the rules that ask changed, compiled. */
interface Less {
  readonly next: ResolvedSet;
  readonly inForce: InForce;
  readonly exception: string;
  readonly rules: LessView['rules'];
}

/**
 * "Ask less like this": the narrowest change of the rules that ask about one question, what it would have let pass, and
 * its application as any other. A rule of a pack or of a file is changed as it is in force; the files say what they said.
 */
export function lessOperations(house: House, around: Surroundings): Pick<Operations, 'less' | 'askLess'> {
  return {
    async less(id) {
      const kept = house.rooms.approvals.find(id);
      if (kept === undefined) return err(unknownApproval(id));
      const made = makeLess(house, around, kept);
      return ok(
        made.ok ? await viewOf(house, kept, made.value) : refusedView(house, kept, made.error.sentence),
      );
    },
    async askLess(id, shown) {
      const kept = house.rooms.approvals.find(id);
      if (kept === undefined) return err(unknownApproval(id));
      const made = makeLess(house, around, kept);
      if (!made.ok) return made;
      if (made.value.next.parts.digest !== shown) return err(problem('LESS_MOVED'));
      const taken = await take(house, made.value, id);
      return taken.ok ? ok({ set: shown, rules: made.value.rules }) : taken;
    },
  };
}

/** The rules changed so that nothing of this kind is asked, or why they cannot be. */
function makeLess(
  house: House,
  around: Surroundings,
  { approval, asked, edited }: Kept,
): Result<Less, Problem> {
  const { policy } = house.standing.inForce;
  const no = (what: string) => err(problem('LESS_REFUSED', { what }));
  const weight = entryOf(house.standing.inForce, asked.operation);
  if (!mayStand(weight))
    return no(
      'what merges, reaches people outside, cannot be taken back or is not classified is always asked',
    );
  if (edited !== undefined) return no('a person changed it');
  if (approval.reviews.some(({ rule }) => rule.startsWith('lanyard:'))) return no('the house itself asks');
  if (asked.targets.length === 0) return no('it names no target');
  const asking = policy.rules.filter(({ id }) => approval.reviews.some(({ rule }) => rule === id));
  const exception = exceptionText(approval.agent, asked.operation, asked.targets);
  const set = excepted(house.resolved().set, asking, exception);
  if (set === null || asking.length === 0) return no('the rules that ask have changed');
  const resolved = resolveSet(set, around);
  if (!resolved.ok) return no('the set in force cannot be put together here');
  const next = { ...resolved.value, parts: house.owners.over(resolved.value.parts) };
  const inForce = compileInForce(next.parts, house.pins, 'error');
  if (!inForce.ok) return no(`the rule would not be accepted: ${inForce.error[0]?.message}`);
  const rules = asking.map(({ id, file, line, text }) => ({
    rule: id,
    file,
    line,
    text: withException(text, exception),
  }));
  return ok({ next, inForce: inForce.value, exception, rules });
}

/** Each rule once, exactly as it stands; null where one does not. */
function excepted(set: RuleSet, rules: readonly RuleInfo[], exception: string): RuleSet | null {
  let files = set.files;
  for (const { file, text } of rules) {
    const found = files.find(({ role, name }) => role === 'policy' && name === file);
    if (found === undefined || found.text.split(text).length !== 2) return null;
    const changed = found.text.replace(text, () => withException(text, exception));
    files = files.map((one) => (one === found ? { ...one, text: changed } : one));
  }
  return { ...set, files };
}

async function take(
  house: House,
  { next, inForce, exception, rules }: Less,
  approval: string,
): Promise<Result<void, OperatorRefusal>> {
  const application = {
    parts: next.parts,
    inForce,
    text: next.text,
    changes: changesBetween(house.resolved().set, next.set),
    tightens: false,
    origins: originsOf(next.set.configuration),
    anew: [],
    asksLess: { approval, rules: rules.map(({ rule }) => rule), exception },
  };
  return takeSet(house, next, application);
}

function refusedView(house: House, { approval, asked }: Kept, refused: string): LessView {
  return {
    approval: approval.id,
    agent: approval.agent,
    operation: asked.operation,
    refused,
    targets: asked.targets,
    exception: '',
    rules: [],
    shown: '',
    worst: null,
    stillHeld: 0,
    unknown: [],
    ends: null,
    since: toInstant(house.clock.now() - LIMITS.lessBackMs),
    passed: { count: 0, approved: 0, refused: 0, strangers: 0, actions: [] },
  };
}

async function viewOf(house: House, kept: Kept, less: Less): Promise<LessView> {
  const { agent } = kept.approval;
  const { operation } = kept.asked;
  const sinceMs = house.clock.now() - LIMITS.lessBackMs;
  const said = await answersOf(house, sinceMs);
  const passed: LessView['passed']['actions'][number][] = [];
  const unknown = new Map<string, number>();
  const seen = new Set<string>();
  let stillHeld = 0;
  let strangers = 0;
  const kinds = ['action.decided'];
  for await (const page of house.store.find({ agent, kinds, sinceMs }))
    for (const { text } of page) {
      const entry = entryIn(text);
      const { action, at } = entry;
      if (entry.operation !== operation || entry.decision === 'allow' || action === undefined) continue;
      if (seen.has(action)) continue;
      seen.add(action);
      const why = seen.size > LIMITS.suggestedActions ? TOO_MANY : await passes(house, less, entry);
      if (why === true) {
        passed.push({ action, at, said: said.get(action) ?? null });
        if (entry.marks?.includes('untrusted') === true) strangers++;
      }
      if (why === false) stillHeld++;
      if (typeof why === 'string') unknown.set(why, (unknown.get(why) ?? 0) + 1);
    }
  return {
    ...refusedView(house, kept, ''),
    refused: null,
    exception: less.exception,
    rules: less.rules,
    shown: less.next.parts.digest,
    worst: entryOf(house.standing.inForce, operation)?.worst ?? null,
    ends: endedBy(house, less.inForce, kept.approval.id),
    passed: {
      count: passed.length,
      approved: passed.filter((one) => one.said === 'yes').length,
      refused: passed.filter((one) => one.said === 'no').length,
      strangers,
      // What people refused is what she must see first.
      actions: [...passed]
        .sort((a, b) => Number(b.said === 'no') - Number(a.said === 'no'))
        .slice(0, LIMITS.lessActions),
    },
    stillHeld,
    unknown: [...unknown].map(([why, count]) => ({ why, count })),
  };
}

const TOO_MANY = `only the first ${LIMITS.suggestedActions} were looked at`;

/** Whether it would run with the change, and does not without; a sentence where that cannot be told. */
async function passes(house: House, { inForce }: Less, entry: Entry): Promise<boolean | string> {
  const { rooms, store, standing } = house;
  const request = await requestAgain({ rooms, inForce: standing.inForce, store }, entry);
  if (typeof request === 'string') return request;
  if (standing.inForce.policy.decide(request).decision === 'allow')
    return 'the rules in force let it pass by now';
  return inForce.policy.decide(request).decision === 'allow';
}

/** What people said last of each action. */
async function answersOf(house: House, sinceMs: number): Promise<ReadonlyMap<string, 'yes' | 'no'>> {
  const said = new Map<string, 'yes' | 'no'>();
  for await (const page of house.store.find({ kinds: ['approval.answered'], sinceMs }))
    for (const { text } of page) {
      const { action, answer } = entryIn(text);
      if (action !== undefined && (answer === 'approve' || answer === 'deny'))
        said.set(action, answer === 'approve' ? 'yes' : 'no');
    }
  return said;
}
