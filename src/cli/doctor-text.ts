import type { Checked, Sight } from '../main/doctor/check.ts';
import type { DoctorReport, Part } from '../main/doctor/doctor.ts';
import { wrap } from './wrap.ts';

const WIDTH = 100;

const TITLES: Readonly<Record<Part, string>> = {
  yours: 'YOUR RULES, AGENTS AND SERVERS, with canaries in the place of the servers',
  controls: 'EACH CONTROL BY ITSELF, on rules whose answers are known',
  servers: 'YOUR REAL SERVERS, which were only listed',
};

const CONTAIN =
  'To close most of it: run agents under ./lanyard run with a sandbox (docs/operating/run.md), as another user of this system, or on another machine.';
const UNTIL_MENDED =
  'Rely on none of them until doctor says otherwise. To be safe meanwhile: ./lanyard stop all --why "doctor found a fault". Keep this output: --json has every try.';

/** The report for a person. `verbose` also spells out every try that went as it should. */
export function doctorText(report: DoctorReport, verbose: boolean): string[] {
  const { parts, uncontained, notes, notTried } = report;
  return [
    ...(['yours', 'controls', 'servers'] as const).flatMap((part) =>
      parts[part].length === 0
        ? []
        : ['', TITLES[part], ...parts[part].flatMap((one) => checkLines(one, verbose))],
    ),
    '',
    `WHAT AN AGENT CAN GO AROUND where it runs as the user who ran this (uncontained)`,
    ...(uncontained.length === 0 ? ['  nothing that doctor knows of'] : []),
    ...uncontained.flatMap(({ what, place, how }) => indented(`${how}: ${what} (${place})`, '  ', '      ')),
    ...(uncontained.length === 0 ? [] : ['', ...indented(CONTAIN, '  ', '  ')]),
    '',
    'NOT TRIED',
    ...untriedOf(report).flatMap((line) => indented(line, '  ', '      ')),
    ...notTried.map((line) => `  ${line}`),
    ...(notes.length === 0 ? [] : ['', ...notes.flatMap((note) => indented(note, '', ''))]),
    ...failuresOf(report),
    '',
    ...indented(summaryOf(report), '', ''),
  ];
}

function failuresOf({ parts }: DoctorReport): string[] {
  const failed = Object.values(parts)
    .flat()
    .filter((one) => one.sights.some(({ fired }) => fired === false));
  if (failed.length === 0) return [];
  return [
    '',
    'THESE CONTROLS DID NOT FIRE',
    ...failed.flatMap(({ id, control, sights }) => [
      `  FAIL  ${control} [${id}]`,
      ...together(sights.filter(({ fired }) => fired === false)).flatMap((sight) => sightLines(sight)),
    ]),
    '',
    ...indented(UNTIL_MENDED, '  ', '  '),
  ];
}

function checkLines(checked: Checked, verbose: boolean): string[] {
  const { control, sights } = checked;
  const fired = sights.filter((sight) => sight.fired === true).length;
  const tried = sights.filter((sight) => sight.fired !== null).length;
  const count = tried === 0 ? '' : `  (${fired} of ${tried})`;
  const head = `  ${markOf(checked)}  ${control}${count}`;
  return [head, ...(verbose ? together(sights).flatMap((sight) => sightLines(sight)) : [])];
}

/** What was done and seen alike on several surfaces stands once. */
function together(sights: readonly Sight[]): Sight[] {
  const alike = new Map<string, Sight>();
  for (const sight of sights) {
    const key = JSON.stringify([sight.did, sight.saw, sight.fired]);
    const known = alike.get(key);
    alike.set(key, known === undefined ? sight : { ...known, surface: `${known.surface}; ${sight.surface}` });
  }
  return [...alike.values()];
}

export function markOf({ sights }: Checked): string {
  if (sights.some(({ fired }) => fired === false)) return 'FAIL';
  return sights.some(({ fired }) => fired === true) ? ' ok ' : ' -- ';
}

function sightLines({ surface, did, saw, fired }: Sight): string[] {
  const mark = fired === false ? 'x' : fired === null ? '-' : '+';
  const what = did === '' ? saw : `${did}: ${saw}`;
  return indented(`${mark} ${surface}: ${what}`, '        ', '          ');
}

function untriedOf({ parts }: DoctorReport): string[] {
  return Object.values(parts)
    .flat()
    .flatMap(({ control, sights }) =>
      sights
        .filter(({ fired }) => fired === null)
        .map(({ surface, saw }) => `${control}: ${surface}: ${saw}`),
    );
}

function summaryOf(report: DoctorReport): string {
  const all = Object.values(report.parts).flat();
  const sights = all.flatMap((one) => one.sights);
  const failed = all.filter((one) => one.sights.some(({ fired }) => fired === false)).length;
  const tried = sights.filter(({ fired }) => fired !== null).length;
  const untried = sights.length - tried;
  const seconds = (report.tookMs / 1000).toFixed(1);
  const good = untried === 0 ? 'every control fired' : 'every control that could be tried fired';
  const verdict = failed === 0 ? good : `${failed} CONTROLS DID NOT FIRE`;
  return `${all.length} controls, ${tried} tries in ${seconds} s: ${verdict}${untried === 0 ? '' : `; ${untried} could not be tried`}. See each try with --verbose.`;
}

function indented(text: string, first: string, next: string): string[] {
  return wrap(text, WIDTH - Math.max(first.length, next.length)).map(
    (line, i) => `${i === 0 ? first : next}${line}`,
  );
}
