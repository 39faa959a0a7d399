import type { Effect } from '../../model/risk.ts';

/** The words of a name, in lower case: `slack_sendMessage` is slack, send, message. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

const list = (text: string): readonly string[] => text.split(' ');

/** Words that look and do nothing else, as far as a name can say. */
export const LOOKING: ReadonlySet<string> = new Set(
  list(
    'get list read search find view describe count lookup browse inspect status check verify wait query analyze',
  ),
);

type Table = readonly (readonly [words: string, effects: readonly Effect[]])[];

/** What words do wherever they stand in a name. */
const DOING: Table = [
  ['create new insert generate copy clone fork register prepare', ['create']],
  ['add upload import attach', ['create', 'update']],
  ['write save put upsert set', ['create', 'update', 'delete']],
  ['update edit modify change rename replace assign mark reorder resize reprioritize convert', ['update']],
  [
    'delete remove destroy drop clear purge wipe trash erase unset dismiss reset truncate',
    ['update', 'delete'],
  ],
  [
    'close reopen resolve unresolve unarchive restore cancel unlabel unstar unpin unlink detach',
    ['update', 'delete'],
  ],
  // What is moved is gone from where others look for it.
  ['move', ['update', 'delete']],
  ['send notify announce broadcast tweet share invite submit react forward reply', ['create', 'send']],
  [
    'pay refund charge buy purchase payout withdraw finalize subscribe checkout sell',
    ['create', 'update', 'spend', 'send'],
  ],
  // What is run can do whatever it was written to do.
  [
    'execute exec eval evaluate invoke trigger launch start restart rerun deploy resume',
    ['create', 'update', 'delete', 'send', 'execute'],
  ],
  [
    'configure enable disable grant revoke install uninstall manage administer rotate',
    ['update', 'delete', 'configure'],
  ],
  ['merge approve', ['update', 'delete', 'send']],
];

/** Words that do something as a verb, and are the thing itself behind a verb that looks (`get_comment`). */
const DOING_ALONE: Table = [
  ['comment message reaction mention email mail schedule', ['create', 'send']],
  ['post draft', ['create', 'update', 'send']],
  ['request review', ['create', 'update', 'send']],
  ['label link star pin transition archive', ['update']],
  ['run job workflow script command code sql shell', ['create', 'update', 'delete', 'send', 'execute']],
  ['transfer payment invoice order bill', ['create', 'update', 'spend', 'send']],
];

/** Things that are dangerous to change: whatever is done to them has these effects as well. */
const THINGS: Table = [
  ['comment message post reaction email mail issue pull review canvas page note form answer', ['send']],
  ['gist release announcement status conversation watcher assignee reviewer attachment document', ['send']],
  ['payment price invoice refund coupon order charge dispute', ['spend', 'send']],
  ['subscription', ['spend', 'send', 'delete', 'configure']],
  ['copilot agent workflow pipeline function lambda sampling', ['create', 'execute', 'spend', 'send']],
  ['rule ruleset policy permission restriction filter webhook', ['configure', 'send', 'delete']],
  ['setting config configuration member role token key secret property', ['configure']],
  ['storage cookie localstorage sessionstorage network', ['configure']],
  ['repository', ['configure', 'send']],
  ['conversation label', ['configure']],
];

function read(table: Table): ReadonlyMap<string, readonly Effect[]> {
  const effects = new Map<string, readonly Effect[]>();
  for (const [words, found] of table)
    for (const word of list(words)) effects.set(word, [...(effects.get(word) ?? []), ...found]);
  return effects;
}
const doing = read(DOING);
const doingAlone = read(DOING_ALONE);
const things = read(THINGS);

/** What a word of a name does. `behind`: whether a word that looks stands before it. */
export function effectsOfWord(word: string, behind: boolean): readonly Effect[] {
  return doing.get(word) ?? (behind ? [] : (doingAlone.get(word) ?? []));
}

/** What changing such a thing, or several of it, does beyond the change. */
export function effectsOfThing(word: string): readonly Effect[] {
  const one = word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.replace(/s$/, '');
  return things.get(word) ?? things.get(one) ?? [];
}
