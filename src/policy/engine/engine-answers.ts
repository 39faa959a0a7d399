import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';

/** What the engine says about one rule; offsets are UTF-8 bytes in the text it was given. */
export interface EngineComplaint {
  readonly message: string;
  readonly hint?: string;
  readonly atByte: number;
}

export interface ValidationFinding extends EngineComplaint {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
}

/** What the official engine said: of one rule by its text, of rules and a schema by a digest of both. Plain values. */
export interface EngineAnswers {
  readonly rules: readonly (readonly [text: string, json: JsonObject])[];
  readonly sets: readonly (readonly [digest: string, findings: readonly ValidationFinding[]])[];
}

/** The newest answers: the engine gives the same one to the same question, is slow, and takes 40 MB to load. */
const rules = new Map<string, JsonObject>();
const sets = new Map<string, readonly ValidationFinding[]>();
let given = 0;
let withinReach = true;

export function answersGiven(): EngineAnswers {
  return { rules: [...rules], sets: [...sets] };
}

/** How many answers have come so far, by which whoever stores them sees whether there are new ones. */
export function answersSoFar(): number {
  return given;
}

/** Takes what the engine said elsewhere, or earlier. */
export function keepAnswers(answers: Partial<EngineAnswers>): void {
  for (const [text, json] of answers.rules ?? []) keep(rules, text, json, LIMITS.engineRules);
  for (const [digest, findings] of answers.sets ?? []) keep(sets, digest, findings, LIMITS.engineAnswers);
}

function keep<T>(kept: Map<string, T>, key: string, answer: T, atMost: number): void {
  if (!kept.has(key)) given++;
  // What is used again becomes the newest.
  kept.delete(key);
  kept.set(key, answer);
  for (const oldest of kept.keys()) {
    if (kept.size <= atMost) break;
    kept.delete(oldest);
  }
}

export function knownRule(text: string): JsonObject | undefined {
  return rules.get(text);
}

export function knownSet(digest: string): readonly ValidationFinding[] | undefined {
  return sets.get(digest);
}

class Unanswered extends Error {}

/** Called before the engine is asked anything. */
export function reachForEngine(): void {
  if (!withinReach) throw new Unanswered();
}

/** What `work` comes to with the answers that are known; null where it would have had to ask the engine. */
export function withoutEngine<T>(work: () => T): T | null {
  withinReach = false;
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof Unanswered) return null;
    throw thrown;
  } finally {
    withinReach = true;
  }
}

/** Answers that were written down as JSON; null: they are none. */
export function readAnswers(json: unknown): EngineAnswers | null {
  if (!isJsonObject(json)) return null;
  const rules = readAll(json['rules'], (each) => (isJsonObject(each) ? each : null));
  const sets = readAll(json['sets'], (each) => (Array.isArray(each) && each.every(isFinding) ? each : null));
  return rules === null || sets === null ? null : { rules, sets };
}

function readAll<T>(json: unknown, read: (answer: unknown) => T | null): [string, T][] | null {
  if (!Array.isArray(json)) return null;
  const all: [string, T][] = [];
  for (const pair of json) {
    const [question, said]: readonly unknown[] = Array.isArray(pair) ? pair : [];
    const answer = read(said);
    if (typeof question !== 'string' || answer === null) return null;
    all.push([question, answer]);
  }
  return all;
}

function isFinding(json: unknown): json is ValidationFinding {
  return (
    isJsonObject(json) &&
    typeof json['message'] === 'string' &&
    typeof json['rule'] === 'string' &&
    Number.isSafeInteger(json['atByte']) &&
    (json['hint'] === undefined || typeof json['hint'] === 'string') &&
    (json['severity'] === 'error' || json['severity'] === 'warning')
  );
}
