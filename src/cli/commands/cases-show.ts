import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { objectOf, rowsOf, textsIn } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printLine } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `cases show`: what has an unknown end first, since nothing else can be judged before. */
export async function run(args: Arguments): Promise<ExitCode> {
  const [id = ''] = args.words;
  const found = objectOf(await ask(configPath(args), 'POST /v1/case', { case: id }));
  if (flag(args, 'json')) print(found);
  else for (const line of caseText(found)) printLine(line);
  return EXIT.done;
}

function caseText(found: JsonObject): string[] {
  const since = objectOf(found['since']);
  const closed = found['closed'] === null ? 'open' : `closed ${String(found['closed'])}`;
  const debrief = found['debrief'];
  const looked = since['by'] === 'look' ? 'the last look' : 'a day before it was opened';
  return [
    `${String(found['scope'])}: ${String(found['level'])}, opened ${String(found['opened'])}, ${closed}; it is ${String(found['now'])} now`,
    ...rowsOf(found['stops']).flatMap(stopText),
    ...(isJsonObject(debrief) ? debriefText(debrief) : []),
    ...unknownText(rowsOf(found['unknown'])),
    `Done since ${looked} (${String(since['at'])}), by target:`,
    ...doneText(rowsOf(found['done'])),
    `  ${String(found['reads'])} reads${found['more'] === true ? '; there was more than is looked at' : ''}`,
  ];
}

function stopText(stop: JsonObject): string[] {
  const by = stop['person'] === null ? String(stop['by']) : String(stop['person']);
  const rules = textsIn(stop['rules']);
  const { past } = stop;
  return [
    `  ${String(stop['at'])} ${String(stop['level'])} by ${rules.length === 0 ? by : rules.join(', ')}${stop['why'] === null ? '' : `: ${String(stop['why'])}`}`,
    ...(isJsonObject(past) ? [`    it had: ${membersOf(past)}`] : []),
  ];
}

const debriefText = (debrief: JsonObject): string[] => [
  `Happened: ${String(debrief['happened'])}`,
  `Changes: ${String(debrief['changes'])} (${String(debrief['person'] ?? debrief['by'])})`,
];

function unknownText(rows: readonly JsonObject[]): string[] {
  if (rows.length === 0) return [];
  return [
    'Nobody knows how these ended; look, and say so at the console:',
    ...rows.map((row) => {
      const said = row['resolved'] === null ? 'unknown' : `${String(row['resolved'])}, somebody says`;
      return `  ${String(row['action'])} ${String(row['operation'])}${targetsOf(row['targets'])}: ${said}`;
    }),
  ];
}

function doneText(rows: readonly JsonObject[]): string[] {
  if (rows.length === 0) return ['  nothing but reads'];
  return rows.flatMap((row) => [
    ` ${row['target'] === null ? ' (no target)' : targetsOf([row['target'] ?? null])}, ${String(row['times'])} ${row['times'] === 1 ? 'time' : 'times'}, last ${String(row['at'])} (${String(row['action'])})`,
    ...rowsOf(row['operations']).map((one) => {
      const undo = one['undo'] === null ? '' : `, taken back by ${String(one['undo'])}`;
      return `    ${String(one['times'])} × ${String(one['operation'])}: ${String(one['reversibility'])}${undo}`;
    }),
  ]);
}

const membersOf = (facts: JsonObject): string =>
  Object.entries(facts)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
const targetsOf = (targets: Json | undefined): string =>
  Array.isArray(targets)
    ? targets
        .map((one) => (isJsonObject(one) ? ` ${String(one['type'])} ${String(one['id'])}` : ''))
        .join(',')
    : '';
