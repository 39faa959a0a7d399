import { createPrivateKey } from 'node:crypto';
import { canonicalize } from '../../src/base/canonical.ts';
import { digestOf } from '../../src/base/hash.ts';
import type { Json } from '../../src/base/json.ts';
import type { Entry, EntryFields } from '../../src/contract/log-entry.ts';
import { bundleHeader, bundleLines, type LogRow } from '../../src/ledger/bundle.ts';
import { encodeEntry, leafHash, Signer, signCheckpoint } from '../../src/ledger/index.ts';
import { createTree } from '../../src/ledger/tree.ts';

/** Good logs, and what chance does to their bundles; the same for the same seed, on every machine. */

/** mulberry32: enough chance for tests, and the same every time. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** 0 ≤ n < below */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  of<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to choose from');
    return item;
  }
}

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
export const ORIGIN = 'lanyard/5eed';

export function signerOf(name: string, byte: number): Signer {
  const key = Buffer.concat([PKCS8_PREFIX, Buffer.alloc(32, byte)]);
  return new Signer(name, createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
}

export const signer = signerOf(ORIGIN, 7);
export const stranger = signerOf(ORIGIN, 8);

const TEXTS = [
  '',
  'plain',
  'número 😀',
  '"leaf":"AAAA"',
  'a\\b\n\u0007',
  '\u2028',
  '\ufeff',
  '{"seq":1}',
  'é',
];

export function rowOf(entry: Entry): LogRow {
  const text = encodeEntry(entry);
  return { seq: entry.seq, text, leaf: leafHash(text) };
}

/** A log as an instance might write it: decisions, outcomes and other entries, every shape of value among them. */
export function goodLog(chance: Chance, count: number): LogRow[] {
  const open: string[] = [];
  const grants = new Granting();
  return Array.from({ length: count }, (_, seq) => {
    const at = new Date(1_790_000_000_000 + seq * 37).toISOString();
    const granted = chance.below(5) === 0 ? grants.next(chance, seq) : null;
    if (granted !== null) {
      if (granted.kind === 'action.decided') open.push(grants.used);
      return rowOf({ seq, at, ...granted });
    }
    const which = chance.below(4);
    if (which === 0 && open.length > 0) {
      const action = open.splice(chance.below(open.length), 1)[0] ?? '';
      return rowOf({ seq, at, kind: 'action.outcome', action, outcome: 'ok' });
    }
    const running = open[chance.below(open.length || 1)];
    if (which === 3 && running !== undefined && chance.below(3) === 0)
      return rowOf({ seq, at, kind: 'action.continued', action: running, decision: 'allow', rules: [] });
    if (which < 3) {
      const fields = decided(chance, `A${seq}`);
      if (fields['decision'] === 'allow') open.push(`A${seq}`);
      return rowOf({ seq, at, ...fields });
    }
    const values: Json = [
      chance.of(TEXTS),
      chance.below(1e9) / 1024,
      -1e21,
      1e-7,
      null,
      true,
      { [chance.of(TEXTS)]: [] },
    ];
    return rowOf({ seq, at, kind: 'instance.gap', note: chance.of(TEXTS), '10': 1, '9': values, zz: {} });
  });
}

/** A grant that is given, used and used up, an entry after the other. */
class Granting {
  #step = 0;
  #grant = '';
  #used = '';

  next(chance: Chance, seq: number): EntryFields {
    const of = { agent: 'writer', operation: 'mcp:files/write_file' };
    switch (this.#step++ % 4) {
      case 0:
        this.#grant = `G${seq}`;
        return {
          kind: 'grant.given',
          ...of,
          grant: this.#grant,
          times: 1,
          expires: '2026-10-01T00:00:00.000Z',
        };
      case 1:
        this.#used = `A${seq}`;
        return { kind: 'grant.spent', ...of, grant: this.#grant, action: this.#used };
      case 2:
        return { ...decided(chance, this.#used), decision: 'allow', grant: this.#grant };
      default:
        return { kind: 'grant.ended', ...of, grant: this.#grant };
    }
  }

  get used(): string {
    return this.#used;
  }
}

function decided(chance: Chance, action: string) {
  const targets = Array.from({ length: chance.below(3) }, () => ({
    type: 'Path',
    id: `/w/${chance.of(TEXTS)}`,
  }));
  const [target] = targets;
  const argumentsDigest = digestOf(action);
  const bound = { agent: 'writer', operation: 'mcp:files/write_file', argumentsDigest };
  return {
    kind: 'action.decided' as const,
    ...bound,
    action,
    ...(target === undefined ? {} : { target }),
    ...(targets.length > 1 ? { targets } : {}),
    digest: digestOf(canonicalize({ ...bound, pin: null, targets })),
    decision: chance.of(['allow', 'deny'] as const),
    rules: [chance.of(TEXTS)],
  };
}

function noteOf(rows: readonly LogRow[], by = signer, origin = ORIGIN): string {
  const tree = createTree();
  for (const row of rows) tree.append(row.leaf);
  return signCheckpoint(by, origin, rows.length, tree.root());
}

export function bundleOf(rows: readonly LogRow[], note = noteOf(rows), key = signer.verifierKey): Buffer {
  return Buffer.from(bundleHeader(ORIGIN, key, note) + bundleLines(rows));
}

/** What is done to a bundle. Some of it does nothing, by chance; then both verifiers must say so. */
interface Corruption {
  readonly name: string;
  apply(chance: Chance, rows: readonly LogRow[], bundle: Buffer): Buffer;
}

const linesOf = (bundle: Buffer): string[] => bundle.toString('utf8').split('\n').slice(0, -1);
const joined = (lines: readonly string[]): Buffer => Buffer.from(`${lines.join('\n')}\n`);
/** The place of some line that is an entry. */
const someEntry = (chance: Chance, lines: readonly string[]): number => 1 + chance.below(lines.length - 1);

/** The rows with one rewritten, leaf and all. */
function rewritten(chance: Chance, rows: readonly LogRow[]): LogRow[] {
  const at = chance.below(rows.length);
  return rows.map((row, i) => {
    if (i !== at) return row;
    const entry = JSON.parse(row.text) as Entry;
    return rowOf({ ...entry, note: 'rewritten' });
  });
}

export const CORRUPTIONS: readonly Corruption[] = [
  {
    name: 'a bit flipped',
    apply(chance, _, bundle) {
      const changed = Buffer.from(bundle);
      const at = chance.below(changed.length);
      changed[at] = (changed[at] ?? 0) ^ (1 << chance.below(8));
      return changed;
    },
  },
  {
    name: 'some bytes replaced',
    apply(chance, _, bundle) {
      const changed = Buffer.from(bundle);
      const at = chance.below(changed.length);
      for (let i = at; i < Math.min(changed.length, at + 4); i++) changed[i] = chance.below(256);
      return changed;
    },
  },
  {
    name: 'a byte dropped or doubled',
    apply(chance, _, bundle) {
      const at = chance.below(bundle.length);
      const behind = chance.below(2) === 0 ? at + 1 : at - 1;
      return Buffer.concat([bundle.subarray(0, at), bundle.subarray(Math.max(0, behind))]);
    },
  },
  { name: 'cut off', apply: (chance, _, bundle) => bundle.subarray(0, chance.below(bundle.length)) },
  {
    name: 'a line moved',
    apply(chance, _, bundle) {
      const lines = linesOf(bundle);
      const [line = ''] = lines.splice(someEntry(chance, lines), 1);
      lines.splice(someEntry(chance, lines), 0, line);
      return joined(lines);
    },
  },
  {
    name: 'lines deleted',
    apply(chance, _, bundle) {
      const lines = linesOf(bundle);
      lines.splice(someEntry(chance, lines), 1 + chance.below(3));
      return joined(lines);
    },
  },
  {
    name: 'a line repeated',
    apply(chance, _, bundle) {
      const lines = linesOf(bundle);
      const line = lines[someEntry(chance, lines)] ?? '';
      lines.splice(someEntry(chance, lines), 0, line);
      return joined(lines);
    },
  },
  {
    name: 'lines of another log spliced in',
    apply(chance, rows, bundle) {
      const lines = linesOf(bundle);
      const others = bundleLines(goodLog(chance, rows.length)).split('\n');
      const at = someEntry(chance, lines);
      const count = 1 + chance.below(3);
      lines.splice(at, count, ...others.slice(at - 1, at - 1 + count).filter((line) => line !== ''));
      return joined(lines);
    },
  },
  {
    name: 'white space, an escape or another number put in',
    apply(chance, _, bundle) {
      const lines = linesOf(bundle);
      const at = someEntry(chance, lines);
      const line = lines[at] ?? '';
      const [from, to] = chance.of([
        [',', ', '],
        ['"kind"', '"\\u006bind"'],
        ['"seq":', '"seq":0'],
        ['"seq":', '"seq":-'],
        [/"seq":(\d+)/, '"seq":$1.5'],
        [/"seq":(\d+)/, '"seq":$1e400'],
        [/"seq":(\d+)/, '"seq":"$1"'],
        [/$/, '\r'],
        [/^.*$/, ''],
        [/^.*$/, '{}'],
        [/^.*$/, `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`],
        ['"at"', '"\ud800"'],
      ] as const);
      lines[at] = line.replace(from, to);
      return joined(lines);
    },
  },
  {
    name: 'rewritten, under the old checkpoint',
    apply: (chance, rows) => bundleOf(rewritten(chance, rows), noteOf(rows)),
  },
  {
    name: 'rewritten and signed with the stolen key',
    apply: (chance, rows) => bundleOf(rewritten(chance, rows)),
  },
  {
    name: 'rewritten and signed with another key',
    apply(chance, rows) {
      const changed = rewritten(chance, rows);
      return bundleOf(changed, noteOf(changed, stranger), chance.of([signer, stranger]).verifierKey);
    },
  },
  {
    name: 'under the checkpoint of a shorter or longer log',
    apply(chance, rows) {
      const other =
        chance.below(2) === 0 ? rows.slice(0, chance.below(rows.length)) : [...rows, ...goodLog(chance, 2)];
      return bundleOf(rows, noteOf(other));
    },
  },
  {
    name: 'with another header',
    apply(chance, rows, bundle) {
      const lines = linesOf(bundle);
      const header = JSON.parse(lines[0] ?? '{}') as Record<string, unknown>;
      const note = noteOf(rows);
      const [member, value] = chance.of<readonly [string, unknown]>([
        ['origin', 'elsewhere'],
        ['format', 'lanyard-log/2'],
        ['key', stranger.verifierKey],
        ['key', `${signer.verifierKey}=`],
        ['key', signer.verifierKey.replace('+', '++')],
        ['checkpoint', note.replace('\n\n', '\n\n\n')],
        ['checkpoint', note.replace('\n\n', '\nextension\n\n')],
        ['checkpoint', `${note}— somebody AAAAAAA=\n`],
        ['checkpoint', `${note}— somebody\n`],
        ['checkpoint', note.trimEnd()],
        ['checkpoint', noteOf(rows, signer, 'elsewhere')],
        ['checkpoint', note + note.split('\n\n')[1]],
        ['checkpoint', null],
        ['more', 'means nothing'],
      ]);
      return joined([JSON.stringify({ ...header, [member]: value }), ...lines.slice(1)]);
    },
  },
];
