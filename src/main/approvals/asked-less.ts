import type { Entry } from '../../contract/log-entry.ts';
import { lastException, type RuleText, ruleTexts } from '../../policy/index.ts';
import type { Store } from '../../store/store.ts';
import type { RuleSet } from '../in-force/rule-set.ts';

/** What `operator.applied` says where somebody had rules ask less. */
interface AskedLess {
  /** The question that it was offered with. */
  readonly approval: string;
  readonly rules: readonly string[];
  /** Cedar text. */
  readonly exception: string;
}

/**
 * What somebody had asked less about, and `next` would have asked again: a line each, for whoever is about to take it.
 * Files know nothing of it until somebody puts it there.
 */
export async function askedAgain(store: Store, now: RuleSet, next: RuleSet): Promise<string[]> {
  const gone = exceptionsGone(now, next);
  if (gone.length === 0) return [];
  const by = new Map<string, Entry>();
  for await (const page of store.find({ kinds: ['operator.applied'] }))
    for (const { text } of page) {
      const entry = JSON.parse(text) as Entry & { readonly asksLess?: AskedLess };
      for (const rule of entry.asksLess?.rules ?? []) by.set(`${rule} ${entry.asksLess?.exception}`, entry);
    }
  return gone.flatMap(({ file, rule, exception }) => {
    const entry = by.get(`${rule} ${exception}`);
    if (entry === undefined) return [];
    const who = String(entry['person'] ?? entry['by']);
    return [
      `! ${file}: rule ${rule} asks again about what it was to ask less, as ${who} applied on ${entry.at}; to keep that, put this at its end:`,
      `    unless { ${exception} }`,
    ];
  });
}

interface Gone {
  readonly file: string;
  readonly rule: string;
  readonly exception: string;
}

function exceptionsGone(now: RuleSet, next: RuleSet): Gone[] {
  const after = rulesOf(next);
  return [...rulesOf(now)].flatMap(([rule, { file, text }]) => {
    const stands = after.get(rule)?.text ?? '';
    return exceptionsOf(text)
      .filter((exception) => !stands.includes(exception))
      .map((exception) => ({ file, rule, exception }));
  });
}

/** The last first. */
function exceptionsOf(text: string): string[] {
  const found: string[] = [];
  for (let last = lastException(text); last !== null; last = lastException(last.without))
    found.push(last.exception);
  return found;
}

function rulesOf({ files }: RuleSet): ReadonlyMap<string, RuleText & { readonly file: string }> {
  const policies = files.filter(({ role }) => role === 'policy');
  const rules = policies.flatMap((file) =>
    (ruleTexts(file) ?? []).map((rule) => ({ ...rule, file: file.name })),
  );
  return new Map(rules.map((rule) => [rule.id, rule]));
}
