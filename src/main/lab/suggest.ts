import { canonicalize } from '../../base/canonical.ts';
import { toInstant } from '../../base/clock.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { digestOf } from '../../base/hash.ts';
import type { Json } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { OperationEntry } from '../../catalog/entry.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import { isMark } from '../../model/mark.ts';
import { saltedDigest } from '../../pipeline/action/action.ts';
import { policyRequest } from '../../pipeline/action/decide.ts';
import { pastOf } from '../../pipeline/action/past.ts';
import { prepare } from '../../pipeline/action/prepare.ts';
import { compileInForce, type InForce, type SetParts, worldOperation } from '../../pipeline/in-force.ts';
import type { DecidingRooms } from '../../pipeline/rooms.ts';
import { type NarrowPermit, narrowPermit, type PolicyRequest, type PolicySet } from '../../policy/index.ts';
import type { Store } from '../../store/store.ts';
import { unknownAgent } from '../unknown.ts';
import { recordedAttempt } from './explain-action.ts';
import { type Evidence, permitText, renderSuggestion, SUGGESTED_FILE } from './suggestion-text.ts';

/** What a suggestion is made from: an instance, or the files of one that does not run. */
interface SuggestGround {
  readonly rooms: DecidingRooms;
  readonly inForce: InForce;
  readonly parts: SetParts;
  readonly store: Store;
}

interface SuggestedRule {
  readonly id: string;
  readonly operation: string;
  /** The rule with its evidence and worst case as comments. */
  readonly text: string;
  readonly actions: readonly string[];
  readonly first: string;
  readonly last: string;
  readonly worst: string;
  readonly widened: readonly string[];
  /** How many of its actions would pass, with this rule and all others as they are. */
  readonly passes: number;
}

/** A forbid that held denied actions: no permit passes them. */
interface Obstacle {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  /** Whom it asks; absent: it denies. */
  readonly review?: string;
  readonly operations: readonly string[];
  readonly actions: readonly string[];
}

/** Actions that no rule is suggested for, and why. */
interface Left {
  readonly why: string;
  readonly actions: readonly string[];
}

export interface Suggestion {
  readonly agent: string;
  readonly since: string;
  readonly rules: readonly SuggestedRule[];
  readonly obstacles: readonly Obstacle[];
  readonly left: readonly Left[];
  /** A file of rules that `policy check` accepts. Nothing of it is in force. */
  readonly text: string;
}

/** Codes that say what rules say; what else denied an action no rule would have let pass. */
const BY_RULES = ['NO_PERMIT', 'FORBIDDEN', 'APPROVAL_UNAVAILABLE'];

/** One denied action that could be decided again, as it is decided now. */
interface Again extends Evidence {
  readonly request: PolicyRequest;
  readonly needsPermit: boolean;
  readonly obstacles: readonly Omit<Obstacle, 'operations' | 'actions'>[];
}

/** For an agent that there is; a problem where there is none, or no such time. */
export async function suggestFor(
  ground: SuggestGround,
  agent: string,
  sinceMs: number,
): Promise<Suggestion | Problem> {
  const unknown = unknownAgent(agent, ground.inForce.agents.keys());
  if (unknown !== null) return unknown;
  if (!Number.isFinite(sinceMs)) return problem('TIME_UNREADABLE');
  return suggestRules(ground, agent, sinceMs);
}

/** The narrowest rules that would have let an agent's denied actions pass. Changes nothing. */
async function suggestRules(ground: SuggestGround, agent: string, sinceMs: number): Promise<Suggestion> {
  const left = new Map<string, string[]>();
  const leave = (why: string, ...actions: readonly string[]) =>
    left.set(why, [...(left.get(why) ?? []), ...actions]);
  const again: Again[] = [];
  let looked = 0;
  for await (const page of ground.store.find({ agent, kinds: ['action.decided'], sinceMs })) {
    for (const row of page) {
      const entry = entryIn(row.text);
      if (entry.decision === 'allow' || entry.action === undefined) continue;
      looked++;
      const found = looked > LIMITS.suggestedActions ? TOO_MANY : await decideAgain(ground, entry);
      if (typeof found === 'string') leave(found, entry.action);
      else again.push(found);
    }
  }
  const rules = verify(ground, again, writeRules(ground, agent, again, leave), leave);
  const suggestion = {
    agent,
    since: toInstant(sinceMs),
    rules,
    obstacles: obstaclesOf(again),
    left: [...left].map(([why, actions]) => ({ why, actions })),
  };
  const clean = (text: string) => ground.rooms.redactor.redact(ground.rooms.scrubber.scrub(text));
  return { ...suggestion, text: clean(renderSuggestion(suggestion, looked)) };
}

const TOO_MANY = `only the first ${LIMITS.suggestedActions} were looked at; ask for a later --since`;

/** A sentence: why it cannot be. */
async function decideAgain(ground: SuggestGround, entry: Entry): Promise<Again | string> {
  if (!BY_RULES.includes(entry.code ?? '')) return `denied with ${entry.code}, which no permit changes`;
  const request = await requestAgain(ground, entry);
  if (typeof request === 'string') return request;
  const isUntrusted = entry.marks?.includes('untrusted') === true;
  return standing(ground.inForce.policy, request, entry, isUntrusted);
}

/** What rules were asked about a recorded action, as it would be prepared now. A sentence: why that cannot be told. */
export async function requestAgain(
  { rooms, inForce, store }: Pick<SuggestGround, 'rooms' | 'inForce' | 'store'>,
  entry: Entry,
): Promise<PolicyRequest | string> {
  const body = await store.body(entry.action ?? '', 'arguments');
  if (body === null) return 'the arguments are no longer kept';
  if (saltedDigest(body.salt, body.text) !== entry.argumentsDigest)
    return 'the arguments were kept without what is secret in them';
  const args = JSON.parse(body.text) as Json;
  const prepared = prepare(rooms, inForce, recordedAttempt(entry, args), '2026');
  if (prepared.kind === 'refused') return `it would be refused now: ${prepared.problem.sentence}`;
  if (prepared.blocked !== null) return `before any rule is asked: ${prepared.blocked.sentence}`;
  const recorded = entry.targets ?? (entry.target === undefined ? [] : [entry.target]);
  const { action } = prepared;
  if (canonicalize(action.namedTargets.map(({ type, id }) => ({ type, id }))) !== canonicalize(recorded))
    return 'its arguments name another target now';
  const marks = (entry.marks ?? []).filter(isMark);
  return policyRequest(prepared, 'live', Date.parse(entry.at), { marks, past: pastOf(entry) });
}

function standing(
  policy: PolicySet,
  request: PolicyRequest,
  entry: Entry,
  untrusted: boolean,
): Again | string {
  const { decision, targets } = policy.explain(request);
  if (decision.decision === 'allow') return 'the rules in force let it pass by now';
  if (!BY_RULES.includes(decision.code ?? ''))
    return `it would be denied with ${decision.code} now, which no permit changes`;
  const held = targets.map(({ considered }) => considered.filter(({ outcome }) => outcome === 'holds'));
  const reviews = new Map(policy.rules.map(({ id, annotations }) => [id, annotations.review]));
  const obstacles = held.flat().filter(({ effect }) => effect === 'forbid');
  return {
    action: entry.action ?? '',
    at: entry.at,
    operation: request.operation,
    untrusted,
    request,
    needsPermit: held.some((rules) => !rules.some(({ effect }) => effect === 'permit')),
    obstacles: obstacles.map(({ id, file, line }) => {
      const review = reviews.get(id);
      return { rule: id, file, line, ...(review === undefined ? {} : { review }) };
    }),
  };
}

/** What an agent alone must not show the way to: what leaves the house, runs, changes settings, or cannot be undone. */
function mayWiden(entry: OperationEntry | undefined): boolean {
  if (entry === undefined || entry.audience !== 'self') return false;
  const calm = entry.effect.every((effect) => ['read', 'create', 'update'].includes(effect));
  return calm && (entry.risk === 'read' || entry.risk === 'draft');
}

type Leave = (why: string, ...actions: readonly string[]) => void;

function writeRules(
  { inForce, rooms }: SuggestGround,
  agent: string,
  again: readonly Again[],
  leave: Leave,
): SuggestedRule[] {
  const byOperation = Map.groupBy(
    again.filter(({ needsPermit }) => needsPermit),
    ({ operation }) => operation,
  );
  return [...byOperation].flatMap(([operation, asked]) => {
    const [, id = '', name = ''] = /^mcp:([^/]+)\/(.+)$/.exec(operation) ?? [];
    const upstream = inForce.upstreams.get(id);
    if (upstream === undefined) return [];
    const pinned = [...rooms.pins.of(id).values()].find((one) => one.kind === 'tool' && one.name === name);
    const world = worldOperation(upstream, name, pinned?.inputSchema ?? null);
    const entry = upstream.entryOf(name);
    const widening = mayWiden(entry) ? { within: upstream.place.roots } : null;
    const permitOf = (some: readonly Again[]) =>
      narrowPermit(
        world,
        some.map(({ request }) => request),
        widening,
      );
    const leaveOut = (why: string, some: readonly Again[]) =>
      leave(`${operation}: ${why}`, ...some.map(({ action }) => action));
    const { evidence, permit } = sayable(asked, permitOf, leaveOut);
    if (permit === null) return [];
    const body = `${operation} ${permit.resource} ${permit.condition ?? ''}`;
    const ruleId = `suggested-${agent}-${digestOf(body).slice('sha256:'.length, 'sha256:'.length + 12)}`;
    const text = permitText({ id: ruleId, agent, operation, permit, evidence, entry });
    if (rooms.redactor.redact(rooms.scrubber.scrub(text)) !== text) {
      leaveOut('a rule would have to name what looks like a secret', evidence);
      return [];
    }
    const worst = entry?.worst ?? 'not known: no catalog says what it can do';
    const [first = '', last = first] = [evidence[0]?.at, evidence.at(-1)?.at];
    const actions = evidence.map(({ action }) => action);
    return { id: ruleId, operation, text, actions, first, last, worst, widened: permit.widened, passes: 0 };
  });
}

/** Where no rule can say them all, those that one can say by itself. */
function sayable(
  asked: readonly Again[],
  permitOf: (some: readonly Again[]) => NarrowPermit | string,
  leaveOut: (why: string, some: readonly Again[]) => void,
): { readonly evidence: readonly Again[]; readonly permit: NarrowPermit | null } {
  const whole = permitOf(asked);
  if (typeof whole !== 'string') return { evidence: asked, permit: whole };
  const evidence = asked.filter((one) => {
    const alone = permitOf([one]);
    if (typeof alone === 'string') leaveOut(alone, [one]);
    return typeof alone !== 'string';
  });
  const permit = evidence.length === 0 ? null : permitOf(evidence);
  if (typeof permit !== 'string') return { evidence, permit };
  leaveOut(permit, evidence);
  return { evidence: [], permit: null };
}

/** Decides everything again with the suggested rules beside those in force; one that does not load is left out. */
function verify(
  ground: SuggestGround,
  again: readonly Again[],
  rules: readonly SuggestedRule[],
  leave: Leave,
): SuggestedRule[] {
  if (rules.length === 0) return [];
  const policies = (texts: readonly SuggestedRule[]) => [
    ...ground.parts.policies,
    { name: SUGGESTED_FILE, text: texts.map(({ text }) => text).join('\n') },
  ];
  const load = (some: readonly SuggestedRule[]) =>
    compileInForce({ ...ground.parts, policies: policies(some) }, ground.rooms.pins, 'error');
  let kept = [...rules];
  let built = load(kept);
  if (!built.ok) {
    kept = rules.filter((rule) => load([rule]).ok);
    for (const rule of rules)
      if (!kept.includes(rule))
        leave(`${rule.operation}: the rule that would name it is not accepted`, ...rule.actions);
    built = load(kept);
  }
  if (!built.ok) return [];
  const { policy } = built.value;
  const passing = new Set(
    again.filter(({ request }) => policy.decide(request).decision === 'allow').map(({ action }) => action),
  );
  return kept.map((rule) => ({
    ...rule,
    passes: rule.actions.filter((action) => passing.has(action)).length,
  }));
}

function obstaclesOf(again: readonly Again[]): Obstacle[] {
  const found = new Map<string, { head: Omit<Obstacle, 'operations' | 'actions'>; by: Again[] }>();
  for (const each of again) {
    for (const head of each.obstacles) {
      const known = found.get(head.rule) ?? { head, by: [] };
      if (!known.by.includes(each)) known.by.push(each);
      found.set(head.rule, known);
    }
  }
  return [...found.values()].map(({ head, by }) => ({
    ...head,
    operations: [...new Set(by.map(({ operation }) => operation))],
    actions: by.map(({ action }) => action),
  }));
}
