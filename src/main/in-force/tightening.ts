import { canonicalize } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import { LEVELS, type Level } from '../../model/level.ts';
import { lastException, type RuleText, ruleTexts } from '../../policy/index.ts';
import type { RuleSet, SetFile } from './rule-set.ts';

/**
 * Whether taking `next`, which compiles, merely tightens: forbids without `@trip` are added, to files that are there or
 * in new ones, levels go down, rules ask again about what they were to ask less, and nothing else changes. Every other
 * rule of before stands as it stood: same file, id, text (annotations and comments inside it included) and order. Whatever is not recognised as that widens.
 */
export function merelyTightens(now: RuleSet, next: RuleSet): boolean {
  return restOf(now) === restOf(next) && !hasMilderLevel(now, next) && onlyForbidsAreAdded(now, next);
}

/** RFC 8785 text of all but levels and rules. As values: what was recorded comes back with its keys in another order. */
function restOf(set: RuleSet): string {
  const { agents, policies: _, ...configuration } = set.configuration;
  const files = set.files.filter((file) => file.role !== 'policy');
  const same = agents.map((agent) => ({ ...agent, level: 'live' }));
  const rest = { configuration, agents: same, files };
  return canonicalize(rest as Json & typeof rest);
}

function hasMilderLevel(now: RuleSet, next: RuleSet): boolean {
  const levels = new Map(now.configuration.agents.map((agent) => [agent.id, agent.level]));
  const rung = (level: Level | undefined) => LEVELS.indexOf(level ?? 'live');
  return next.configuration.agents.some((agent) => rung(agent.level) < rung(levels.get(agent.id)));
}

function onlyForbidsAreAdded(now: RuleSet, next: RuleSet): boolean {
  const before = new Map(policyFiles(now).map((file) => [file.name, file]));
  const after = policyFiles(next);
  const names = new Set(after.map(({ name }) => name));
  return (
    [...before.keys()].every((name) => names.has(name)) &&
    after.every((file) => addsOnlyForbids(before.get(file.name), file))
  );
}

/** Reads on through the rules of before: one that is not the next of them was added. */
function addsOnlyForbids(before: SetFile | undefined, after: SetFile): boolean {
  if (before?.text === after.text) return true;
  const old = before === undefined ? [] : ruleTexts(before);
  const rules = ruleTexts(after);
  if (old === null || rules === null) return false;
  let at = 0;
  for (const rule of rules) {
    if (isSame(rule, old[at])) at++;
    else if (rule.effect !== 'forbid' || rule.annotations.includes('trip')) return false;
  }
  return at === old.length;
}

/** As it stood; or asking again about what it was to ask less (main/approvals/asking-less.ts), whatever else stands. */
function isSame(rule: RuleText, old: RuleText | undefined): boolean {
  if (old === undefined || rule.id !== old.id) return false;
  if (rule.text === old.text) return true;
  if (rule.effect !== 'forbid' || !rule.annotations.includes('review')) return false;
  for (let last = lastException(old.text); last !== null; last = lastException(last.without))
    if (last.without === rule.text) return true;
  return false;
}

const policyFiles = (set: RuleSet): SetFile[] => set.files.filter(({ role }) => role === 'policy');
