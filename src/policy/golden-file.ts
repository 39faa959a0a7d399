import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { didYouMean } from '../base/nearest.ts';
import type { TargetRef } from '../model/action.ts';
import { isLevel, type Level } from '../model/level.ts';
import { NO_PAST, type PastFacts } from '../model/past.ts';

/**
 * One golden case, as a policy author writes it:
 *
 *     # a payment above the limit asks a person
 *     policy  payments.cedar
 *     agent   invoices
 *     action  mcp:bank/transfer {"amount_eur": 900}
 *     ----------
 *     review role:finance
 *     because payments.cedar#limit-500
 *
 * Above the dashes, each at most once unless it says so: `policy` (may repeat; without it every rule counts), `agent`,
 * `action` with its arguments, `target TYPE ID` (may repeat; else the catalog derives them), `level`, `marks`, `past`
 * (members of `context.system` such as `refusedHere=2`; else nothing is new), `unsure` and `now` (RFC 3339). Below:
 * `allow`, `deny [CODE]` or `review WHO[, WHO]`, then `because` with the rules, each an id or FILE#ID, and `trips LEVEL`.
 * The comment right above a case is its title. Several cases may stand in one file.
 */
export interface GoldenCase {
  readonly title: string;
  /** Of its first line, from 1. */
  readonly line: number;
  readonly policies: readonly string[];
  readonly agent: string;
  readonly operation: string;
  readonly arguments: JsonObject;
  readonly targets: readonly TargetRef[];
  readonly level: Level;
  readonly marks: readonly string[];
  readonly past: PastFacts;
  readonly unsure: boolean;
  readonly nowMs: number;
  readonly expected: Expectation;
}

interface Expectation {
  readonly decision: 'allow' | 'review' | 'deny';
  readonly code?: string;
  /** Whom the reviews ask. */
  readonly who: readonly string[];
  /** Absent: any rules. */
  readonly because?: readonly string[];
  /** The level that a breaker sets; absent: whichever, or none. */
  readonly trips?: string;
}

interface GoldenProblem {
  readonly line: number;
  readonly message: string;
}

/** A case while its lines are read. */
interface CaseDraft {
  title: string;
  line: number;
  policies: string[];
  agent?: string;
  operation?: string;
  arguments: JsonObject;
  targets: TargetRef[];
  level: Level;
  marks: string[];
  past: PastFacts;
  unsure: boolean;
  nowMs: number;
  expected?: Expectation;
  because?: string[];
  trips?: string;
}

export function readGolden(text: string): { cases: GoldenCase[]; problems: GoldenProblem[] } {
  const cases: GoldenCase[] = [];
  const problems: GoldenProblem[] = [];
  let comments: string[] = [];
  let draft: CaseDraft | undefined;
  let below = false;
  const finish = () => {
    if (draft === undefined) return;
    const { agent, operation, expected, because, trips, ...rest } = draft;
    if (agent === undefined || operation === undefined || expected === undefined) {
      const missing =
        agent === undefined ? 'agent' : operation === undefined ? 'action' : 'answer below dashes';
      problems.push({ line: draft.line, message: `this case has no ${missing}` });
    } else {
      const reasons = {
        ...(because === undefined ? {} : { because }),
        ...(trips === undefined ? {} : { trips }),
      };
      cases.push({ ...rest, agent, operation, expected: { ...expected, ...reasons } });
    }
    draft = undefined;
  };
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '') continue;
    if (line.startsWith('#')) {
      if (below) finish();
      below = false;
      comments.push(line.slice(1).trim());
      continue;
    }
    if (/^-{3,}$/.test(line)) {
      if (draft === undefined || below) problems.push({ line: at + 1, message: 'these dashes end no case' });
      below = true;
      continue;
    }
    const [, key = '', value = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
    if (below && ABOVE.includes(key)) {
      finish();
      below = false;
    }
    draft ??= newCaseDraft(comments.join(' '), at + 1);
    comments = [];
    const complaint = below ? readAnswer(draft, key, value) : readHeader(draft, key, value);
    if (complaint !== undefined) problems.push({ line: at + 1, message: complaint });
  }
  finish();
  return { cases, problems };
}

const ABOVE = ['policy', 'agent', 'action', 'target', 'level', 'marks', 'past', 'unsure', 'now'];
const BELOW = ['allow', 'deny', 'review', 'because', 'trips'];

function newCaseDraft(title: string, line: number): CaseDraft {
  return {
    title,
    line,
    policies: [],
    arguments: {},
    targets: [],
    level: 'live',
    marks: [],
    past: USED_TO_IT,
    unsure: false,
    nowMs: 0,
  };
}

function readHeader(draft: CaseDraft, key: string, value: string): string | undefined {
  switch (key) {
    case 'policy':
      draft.policies.push(...words(value));
      return undefined;
    case 'agent':
      draft.agent = value;
      return undefined;
    case 'action':
      return readAction(draft, value);
    case 'target': {
      const [, type, id] = /^([A-Za-z]\w*)\s+(.+)$/.exec(value) ?? [];
      if (type === undefined || id === undefined)
        return 'a target is a type and an id: target Path /srv/a.txt';
      draft.targets.push({ type, id });
      return undefined;
    }
    case 'level':
      if (!isLevel(value)) return `there is no level "${value}"`;
      draft.level = value;
      return undefined;
    case 'marks':
      draft.marks.push(...words(value));
      return undefined;
    case 'unsure':
      draft.unsure = true;
      return value === '' ? undefined : 'nothing stands behind unsure';
    case 'past':
      return readPast(draft, value);
    case 'now': {
      draft.nowMs = Date.parse(value);
      return Number.isNaN(draft.nowMs) ? `"${value}" is no time` : undefined;
    }
    default:
      return unknown(key, ABOVE);
  }
}

/** A case that says nothing of the past is about an agent that has done this before. */
const USED_TO_IT: PastFacts = {
  ...NO_PAST,
  firstOperation: false,
  firstUpstream: false,
  firstAudience: false,
  firstOwner: false,
};

function readPast(draft: CaseDraft, value: string): string | undefined {
  for (const word of words(value)) {
    const [, name = '', count] = /^(\w+)(?:=(\d{1,9}))?$/.exec(word) ?? [];
    if (!Object.hasOwn(NO_PAST, name)) return unknown(name, Object.keys(NO_PAST));
    const isFlag = typeof NO_PAST[name as keyof PastFacts] === 'boolean';
    if (isFlag !== (count === undefined)) return `${name} is ${isFlag ? 'said alone' : `a count: ${name}=3`}`;
    draft.past = { ...draft.past, [name]: count === undefined ? true : Number(count) };
  }
  return undefined;
}

function readAction(draft: CaseDraft, value: string): string | undefined {
  const [, operation = '', text = ''] = /^(\S+)\s*(.*)$/.exec(value) ?? [];
  draft.operation = operation;
  if (text === '') return undefined;
  try {
    const json = JSON.parse(text) as Json;
    if (!isJsonObject(json)) return 'the arguments of an action are one JSON object';
    draft.arguments = json;
  } catch {
    return 'the arguments of this action are not valid JSON (they stand on one line)';
  }
  return undefined;
}

function readAnswer(draft: CaseDraft, key: string, value: string): string | undefined {
  if (key === 'because') {
    draft.because = [...(draft.because ?? []), ...words(value)];
    return undefined;
  }
  if (key === 'trips') {
    if (!isLevel(value)) return `there is no level "${value}"`;
    draft.trips = value;
    return undefined;
  }
  if (key !== 'allow' && key !== 'deny' && key !== 'review') return unknown(key, BELOW);
  if (draft.expected !== undefined) return 'a case has one answer';
  if (key === 'allow' && value !== '') return 'nothing stands behind allow';
  const who = value.split(',').map((each) => each.trim());
  if (key === 'review' && who.includes('')) return 'a review names whom it asks: review owner';
  draft.expected = {
    decision: key,
    ...(key === 'deny' && value !== '' ? { code: value } : {}),
    who: key === 'review' ? who : [],
  };
  return undefined;
}

function unknown(key: string, known: readonly string[]): string {
  const hint = didYouMean(key, known);
  return `"${key}" is no line of a case here (${known.join(', ')})${hint === undefined ? '' : `; ${hint}`}`;
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}
