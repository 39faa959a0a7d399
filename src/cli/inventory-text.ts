import type { Json, JsonObject } from '../base/json.ts';
import { rowsOf, textsIn } from './answer.ts';
import { wrap } from './wrap.ts';

/** A terminal that this is read in; longer cells are cut, and what explains them stands on a line of its own. */
const WIDTH = 100;

interface Column {
  readonly heading: string;
  readonly most: number;
  cell(row: JsonObject): string;
}

const COLUMNS: readonly Column[] = [
  { heading: 'LIMIT', most: 20, cell: (row) => limitWord(row) },
  { heading: 'RULES', most: 16, cell: (row) => [row['rules'], ...textsIn(row['sometimes'])].join('/') },
  { heading: 'AGENT', most: 14, cell: (row) => text(row['agent']) },
  { heading: 'OPERATION', most: WIDTH, cell: (row) => text(row['operation']).replace(/^mcp:/, '') },
  { heading: 'UNDONE', most: 10, cell: (row) => UNDONE[text(row['reversibility'])] ?? 'unknown' },
  { heading: 'SEEN BY', most: 7, cell: (row) => text(row['audience'], 'unknown') },
  { heading: 'LAST USED', most: 10, cell: (row) => text(row['lastUsed'], 'never').slice(0, 10) },
];

const UNDONE: Readonly<Record<string, string>> = {
  'read-only': 'only reads',
  reversible: 'yes',
  'externally-reversible': 'elsewhere',
  irreversible: 'NO',
};

/** The inventory for a person: two lines a row, at most a hundred columns wide. */
export function inventoryText(inventory: JsonObject): string[] {
  const rows = rowsOf(inventory['rows']);
  const unseen = textsIn(inventory['unseen']);
  const notes = textsIn(inventory['notes']);
  const footer = [
    ...unseen.map((id) => `${id}: never connected yet, so what it offers is not known.`),
    ...notes,
    summaryOf(rows),
  ];
  if (rows.length === 0) return footer;
  const cells = rows.map((row) => COLUMNS.map((column) => cut(column.cell(row), column.most)));
  const widths = widthsOf(cells);
  const lineOf = (row: readonly string[]) =>
    row
      .map((cell, i) => cut(cell, widths[i] ?? 0).padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    lineOf(COLUMNS.map(({ heading }) => heading)),
    ...rows.flatMap((row, i) => [lineOf(cells[i] ?? []), ...detailsOf(row)]),
    '',
    ...footer,
  ];
}

/** As wide as the widest cell; operations get what the others leave of the line. */
function widthsOf(cells: readonly (readonly string[])[]): number[] {
  const widths = COLUMNS.map(({ heading }, i) =>
    Math.max(heading.length, ...cells.map((row) => (row[i] ?? '').length)),
  );
  const at = COLUMNS.findIndex(({ heading }) => heading === 'OPERATION');
  const others = widths.reduce((sum, width, i) => (i === at ? sum : sum + width + 2), 0);
  return widths.map((width, i) => (i === at ? Math.min(width, Math.max(LEAST, WIDTH - others)) : width));
}

const LEAST = 20;

function limitWord(row: JsonObject): string {
  if (row['lacksLimit'] === true) return 'NONE';
  if (row['rules'] === 'deny') return 'denied';
  const always = limitsOf(row).filter((limit) => limit['always'] === true);
  const kinds = (some: readonly JsonObject[]) => [...new Set(some.map(({ kind }) => text(kind)))].join(', ');
  return always.length > 0 ? kinds(always) : `partly: ${kinds(limitsOf(row))}`;
}

/** What the columns have no room for: the worst case, what limits it, and with which credential. */
function detailsOf(row: JsonObject): string[] {
  const worst =
    row['worst'] === null ? 'Nobody has said what it can do at worst' : text(row['worst']).replace(/\.$/, '');
  const credentials = textsIn(row['credentials']);
  const parts = [
    `${worst}.`,
    ...sentencesOf(limitsOf(row)),
    ...(credentials.length === 0 ? [] : [`With ${credentials.join(', ')}.`]),
  ];
  return wrap(parts.join(' '), WIDTH - 6).map((line) => `      ${line}`);
}

function sentencesOf(limits: readonly JsonObject[]): string[] {
  const by = (kind: string, always: boolean) =>
    limits.filter((one) => one['kind'] === kind && one['always'] === always);
  const names = (some: readonly JsonObject[]) => some.map((one) => text(one['by'])).join(', ');
  const asked = (some: readonly JsonObject[]) => [...new Set(some.map((one) => text(one['who'])))].join(', ');
  const said = (some: readonly JsonObject[], sentence: (some: readonly JsonObject[]) => string): string[] =>
    some.length === 0 ? [] : [sentence(some)];
  return [
    ...said(by('level', true), (some) => `Level: ${names(some)}.`),
    ...said(by('person', true), (some) => `Asks ${asked(some)} (${names(some)}).`),
    ...said(by('person', false), (some) => `In some cases asks ${asked(some)} (${names(some)}).`),
    ...said(by('rule', true), (some) => `Denied by ${names(some)}.`),
    ...said(by('rule', false), (some) => `In some cases denied (${names(some)}).`),
    ...said(by('condition', false), (some) => `Only under the conditions of ${names(some)}.`),
  ];
}

function summaryOf(rows: readonly JsonObject[]): string {
  const bare = rows.filter((row) => row['lacksLimit'] === true).length;
  const unused = rows.filter((row) => row['neverUsed'] === true && row['rules'] !== 'deny').length;
  return `${rows.length} rows: ${bare} without a limit, ${unused} that could be used and never were. Limits against floods hold for all.`;
}

const limitsOf = (row: JsonObject): readonly JsonObject[] => rowsOf(row['limits']);
const text = (value: Json | undefined, otherwise = ''): string =>
  typeof value === 'string' ? value : otherwise;
const cut = (cell: string, most: number): string =>
  cell.length <= most ? cell : `${cell.slice(0, most - 1)}…`;
