import { isJsonObject, type Json } from '../base/json.ts';
import { LEVELS, type Level } from '../model/level.ts';
import type { RuleInfo } from '../policy/index.ts';
import type { RuleSet } from './rule-set.ts';

/** How one rule set differs from another, a line each, for a person who is about to take it. */
export function changesBetween(now: RuleSet, next: RuleSet): string[] {
  const changes: string[] = [];
  compare('', now.configuration as Json & object, next.configuration as Json & object, changes);
  const before = new Map(now.files.map((file) => [`${file.role} ${file.name}`, file.text]));
  const after = new Map(next.files.map((file) => [`${file.role} ${file.name}`, file.text]));
  for (const [name, text] of after) {
    const old = before.get(name);
    if (old === undefined) changes.push(`+ ${name}`, ...text.split('\n').map((line) => `    + ${line}`));
    else if (old !== text) changes.push(`~ ${name}`, ...lineChanges(old, text));
  }
  for (const name of before.keys()) if (!after.has(name)) changes.push(`- ${name}`);
  return changes;
}

function compare(path: string, now: Json | undefined, next: Json | undefined, changes: string[]): void {
  if (JSON.stringify(now) === JSON.stringify(next)) return;
  if (isJsonObject(now) && isJsonObject(next)) {
    for (const key of new Set([...Object.keys(now), ...Object.keys(next)])) {
      compare(path === '' ? key : `${path}.${key}`, now[key], next[key], changes);
    }
    return;
  }
  if (
    Array.isArray(now) &&
    Array.isArray(next) &&
    [...now, ...next].every((item) => isJsonObject(item) && 'id' in item)
  ) {
    const byId = (items: readonly Json[]) =>
      Object.fromEntries(items.map((item) => [isJsonObject(item) ? String(item['id']) : '', item]));
    compare(path, byId(now), byId(next), changes);
    return;
  }
  const show = (value: Json | undefined) => (value === undefined ? 'nothing' : JSON.stringify(value));
  changes.push(`~ ${path}: ${show(now)} → ${show(next)}`);
}

/** Lines that are only in one of two texts, in order; enough to see an edit, and bounded. */
function lineChanges(old: string, text: string): string[] {
  const [a, b] = [old.split('\n'), text.split('\n')];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end])
    end++;
  const gone = a.slice(start, a.length - end).map((line) => `    - ${line}`);
  const come = b.slice(start, b.length - end).map((line) => `    + ${line}`);
  return [`    @ line ${start + 1}`, ...gone, ...come].slice(0, 200);
}

/**
 * Whether taking `next` merely tightens: files of rules that are added hold only forbids without `@trip`, levels go
 * down, and nothing else changes. Whatever is not recognised as that widens.
 */
export function merelyTightens(now: RuleSet, next: RuleSet, rulesOfNext: readonly RuleInfo[]): boolean {
  const rest = (set: RuleSet) => {
    const { agents, policies: _, ...configuration } = set.configuration;
    const files = set.files.filter((file) => file.role !== 'policy');
    return JSON.stringify({
      configuration,
      agents: agents.map((agent) => ({ ...agent, level: 'live' })),
      files,
    });
  };
  if (rest(now) !== rest(next)) return false;

  const levels = new Map(now.configuration.agents.map((agent) => [agent.id, agent.level]));
  const rung = (level: Level | undefined) => LEVELS.indexOf(level ?? 'live');
  if (next.configuration.agents.some((agent) => rung(agent.level) < rung(levels.get(agent.id)))) return false;

  const before = new Map(policyFiles(now));
  const after = new Map(policyFiles(next));
  if ([...before].some(([name, text]) => after.get(name) !== text)) return false;
  return rulesOfNext.every(
    (rule) =>
      before.has(rule.file) ||
      !after.has(rule.file) ||
      (rule.effect === 'forbid' && rule.annotations.trip === undefined),
  );
}

const policyFiles = (set: RuleSet): [string, string][] =>
  set.files.filter((file) => file.role === 'policy').map((file) => [file.name, file.text]);
