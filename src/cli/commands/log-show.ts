import { setTimeout as pause } from 'node:timers/promises';
import { orNearest } from '../../base/nearest.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import { printEntry } from '../../ledger/index.ts';
import { decodeSet } from '../../main/in-force/rule-set.ts';
import { openLogFiles } from '../../main/log/log-files.ts';
import { recallSet } from '../../main/memory.ts';
import type { EntryFilter, Store, StoredEntry } from '../../store/store.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { configPath } from '../place.ts';
import { forReader, plain } from '../print.ts';
import { type Arguments, flag, option } from '../read-arguments.ts';
import { sinceMsOf } from '../since.ts';

const FOLLOW_EVERY_MS = 300;

/** `log show`: oldest first; with --follow whatever comes after, until interrupted. */
export async function run(args: Arguments): Promise<ExitCode> {
  const filter = filterOf(args);
  const { store, close } = await openLogFiles(configPath(args));
  const show = flag(args, 'json') ? showJson : showLine;
  let from = 0;
  let shown = 0;
  try {
    const unknown = await unknownAgent(store, option(args, 'agent'));
    for (;;) {
      const size = await store.size();
      for await (const page of store.find({ ...filter, from })) {
        let text = '';
        for (const row of page) text += show(row);
        shown += page.length;
        if (!process.stdout.write(text))
          await new Promise((drained) => process.stdout.once('drain', drained));
        const last = page.at(-1);
        if (last !== undefined) from = last.seq + 1;
      }
      const isFirst = from === 0;
      from = Math.max(from, size);
      const follows = flag(args, 'follow');
      if (shown === 0 && (!follows || (isFirst && unknown !== null)))
        process.stderr.write(`lanyard: ${plain(`${nothingFor(args)}${unknown ?? '.'}`)}\n`);
      if (!follows) return EXIT.done;
      await pause(FOLLOW_EVERY_MS);
    }
  } finally {
    await close();
  }
}

function filterOf(args: Arguments): EntryFilter {
  const [agent, session, since] = [option(args, 'agent'), option(args, 'session'), option(args, 'since')];
  return {
    ...(agent === undefined ? {} : { agent }),
    ...(session === undefined ? {} : { session }),
    ...(since === undefined ? {} : { sinceMs: sinceMsOf(since) }),
  };
}

/**
 * How a sentence about an agent without entries ends where it is not in force: with the nearest that is. Null: it is in force,
 * or nobody is asked about. Who once was in the log need not be in force.
 */
async function unknownAgent(store: Store, agent: string | undefined): Promise<string | null> {
  const set = agent === undefined ? null : await recallSet(store);
  if (agent === undefined || set === null) return null;
  const ids = decodeSet(set).configuration.agents.map(({ id }) => id);
  return ids.includes(agent) ? null : orNearest(agent, ids);
}

/** With what was asked for, so that a mistyped name is seen. */
function nothingFor(args: Arguments): string {
  const asked = ['agent', 'session', 'since'].flatMap((name) => {
    const value = option(args, name);
    return value === undefined ? [] : [`--${name} ${value}`];
  });
  return asked.length === 0 ? 'The log has no entry' : `The log has no entry for ${asked.join(' ')}`;
}

const showJson = (row: StoredEntry): string => `${forReader(printEntry(row.text, row.leaf))}\n`;

/** Why an outcome is unknown, where no code says it: `unreported`. */
const reasonOf = ({ kind, reason }: Entry): string =>
  kind === 'action.outcome' && typeof reason === 'string' ? reason : '';

/** What an entry that is about no action is about: what was stopped or changed, how, by whom and why. */
function aboutOf(entry: Entry): string {
  const of = (name: string): string => {
    const value = entry[name];
    return typeof value === 'string' ? value : '';
  };
  const who = of('person') || of('by');
  // A message and an alert name whom they are for, everything else who did it.
  const by = /^(?:notice|alert\.raised)/.test(entry.kind) ? 'for' : 'by';
  return [
    of('scope') || of('subject') || of('point'),
    of('upstream'),
    of('level') || of('answer') || (entry.kind === 'instance.coverage' ? '' : of('state')),
    who === '' ? '' : `${by} ${who}`,
    of('why') === '' ? '' : `(${of('why')})`,
    of('failed') === ''
      ? ''
      : `FAILED: ${[of('failed'), of('said')].filter((word) => word !== '').join('; ')}`,
  ]
    .filter((word) => word !== '')
    .join(' ');
}

/** `17  2026-11-20 20:18:19Z  deny  FORBIDDEN  writer  mcp:files/write_file  Path /srv/w/a.txt  [no-dotfiles]` */
function showLine(row: StoredEntry): string {
  const entry = entryIn(row.text);
  const again = entry.kind === 'action.continued' ? 'continued ' : '';
  const what = `${again}${entry.decision ?? entry.outcome ?? entry.kind}`;
  const target = entry.target === undefined ? '' : `${entry.target.type} ${entry.target.id}`;
  const rules = entry.rules === undefined || entry.rules.length === 0 ? '' : `[${entry.rules.join(', ')}]`;
  const cells = [
    String(entry.seq).padStart(6),
    `${entry.at.slice(0, 19).replace('T', ' ')}Z`,
    what,
    entry.code ?? reasonOf(entry),
    entry.agent ?? '',
    entry.operation ?? '',
    target,
    rules,
    entry.operation === undefined ? aboutOf(entry) : '',
  ];
  return `${plain(cells.filter((cell) => cell !== '').join('  '))}\n`;
}
