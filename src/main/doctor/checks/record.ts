import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import { openSqlite } from '../../../store/sqlite/index.ts';
import { stateDirectory } from '../../state-directory.ts';
import type { Check, Sight } from '../check.ts';
import { logEntriesOf } from '../log-entries.ts';
import type { LaboratoryScene } from '../scene.ts';

const TRIES = 25;

/** Looks into the log at the moment a call arrives: its decision must be there already. */
export const recordedFirst: Check<LaboratoryScene> = {
  id: 'recorded-first',
  control: 'What runs was recorded before',
  async run({ sibling, canary, web }) {
    const store = await openSqlite(stateDirectory(join(sibling.directory, 'state')).log, { readOnly: true });
    let recorded = 0;
    let arrived = 0;
    let from = await store.size();
    web.onArrival = async () => {
      arrived++;
      const size = await store.size();
      for await (const page of store.entries(from, size))
        for (const { text } of page)
          if (text.includes('"kind":"action.decided"') && text.includes('"decision":"allow"')) recorded++;
      from = size;
    };
    for (let i = 0; i < TRIES; i++) await canary.call('HTTP, 2026-07-28', 'web', 'look', {});
    web.onArrival = () => undefined;
    await store.close();
    return [
      {
        surface: 'web, the log',
        did: `looked into the log as each of ${TRIES} calls arrived`,
        saw: `${arrived} arrived; ${recorded} of their decisions were in the log by then`,
        fired: arrived === TRIES && recorded === TRIES,
      },
    ];
  },
};

/** What reached the canaries, by their own count, against what the log says. */
export const complete: Check<LaboratoryScene> = {
  id: 'log-complete',
  control: 'Everything that reached a server is in the log, with its outcome, and so are denials',
  async run({ sibling, web, pipe }) {
    const entries = (await logEntriesOf(sibling)).map(read);
    const decided = entries.filter(({ kind }) => kind === 'action.decided');
    // What was only asked for at the check door is sent by whoever asked, not by us.
    const allowed = decided.filter(({ decision, door }) => decision === 'allow' && door !== 'check');
    const ends = new Map(
      entries
        .filter(({ kind }) => kind === 'action.outcome')
        .map(({ action, outcome }) => [String(action), String(outcome)]),
    );
    const endOf = ({ action }: JsonObject) => ends.get(String(action));
    const open = allowed.filter((entry) => endOf(entry) === undefined).length;
    // Aborted: a stop held it after it was allowed, and not a byte was sent.
    const carried = allowed.filter(
      (entry) => endOf(entry) !== undefined && endOf(entry) !== 'aborted',
    ).length;
    const arrived = web.arrived.length + pipe.arrived.length;
    const denials = new Set(
      decided.filter(({ decision }) => decision === 'deny').map((entry) => String(entry['code'])),
    );
    const wanted = ['FORBIDDEN', 'NO_PERMIT', 'RULE_ERROR', 'FROZEN', 'PIN_CHANGED', 'PROTECTED'];
    const missing = wanted.filter((one) => !denials.has(one));
    return [
      {
        surface: 'the log',
        did: 'compared the count of the servers with the log',
        saw: `${arrived} calls reached the servers; by the log ${carried} were sent, and ${open} have no outcome`,
        fired: carried === arrived && open === 0,
      },
      {
        surface: 'the log',
        did: 'looked for the denials of this run',
        saw: missing.length === 0 ? `all ${wanted.length} kinds are there` : `missing: ${missing.join(', ')}`,
        fired: missing.length === 0,
      },
    ];
  },
};

function read(line: string): JsonObject {
  const value: unknown = JSON.parse(line);
  return isJsonObject(value) ? value : {};
}

/** Ends the laboratory's instance: nothing that needs it can follow. */
export const flippedBit: Check<LaboratoryScene> = {
  id: 'log-verify',
  control: 'The log verifies, and one flipped bit in it is found',
  async run({ sibling, ground }) {
    await sibling.end();
    const copy = ground.path('flipped');
    cpSync(sibling.directory, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') });
    const changed = flipOne(stateDirectory(join(copy, 'state')).log);
    const [whole, flipped] = await Promise.all([
      sibling.run(['log', 'verify']),
      changed ? sibling.run(['log', 'verify'], join(copy, 'lanyard.yaml')) : null,
    ]);
    const verified: Sight = {
      surface: 'the log',
      did: 'verified it as it is',
      saw: firstLine(whole.stdout) || firstLine(whole.stderr),
      fired: whole.code === 0,
    };
    if (flipped === null)
      return [
        verified,
        { surface: 'the log', did: 'looked for an entry to change', saw: 'found none', fired: false },
      ];
    const found: Sight = {
      surface: 'a copy of the log',
      did: 'flipped one bit of one entry, and verified',
      saw: firstLine(flipped.stdout) || firstLine(flipped.stderr),
      fired: flipped.code === 3,
    };
    return [verified, found];
  },
};

/** One bit of the time of one decision, in the file of a log; false where none is found. */
function flipOne(log: string): boolean {
  const bytes = readFileSync(log);
  const at = bytes.indexOf('"kind":"action.decided"');
  if (at < 0) return false;
  const digit = bytes.lastIndexOf('"at":"', at) + '"at":"'.length;
  bytes[digit] = (bytes[digit] ?? 0) ^ 1;
  writeFileSync(log, bytes);
  return true;
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
