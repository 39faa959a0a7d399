import { LEVELS } from '../model/level.ts';
import type { NewEntry } from '../store/store.ts';
import { DRILL_TROUBLES, drillTroubles } from './console/drills.ts';
import type { House } from './house.ts';

const DECISIONS = ['allow', 'review', 'deny'] as const;
const OUTCOMES = ['ok', 'failed', 'aborted', 'unknown'] as const;

/** What has happened since this process began, counted as it becomes durable. */
export class Counts {
  readonly decisions = new Map<string, number>(DECISIONS.map((one) => [one, 0]));
  readonly outcomes = new Map<string, number>(OUTCOMES.map((one) => [one, 0]));

  see(entries: readonly NewEntry[]): void {
    for (const { kind, text } of entries) {
      if (kind === 'action.decided') add(this.decisions, SAID_DECISIONS, text);
      else if (kind === 'action.outcome') add(this.outcomes, SAID_OUTCOMES, text);
    }
  }
}

/** As they stand in the text of an entry. */
type Said = readonly { readonly name: string; readonly member: string }[];
const saidAs = (member: string, names: readonly string[]): Said =>
  names.map((name) => ({ name, member: `"${member}":"${name}"` }));
const SAID_DECISIONS = saidAs('decision', DECISIONS);
const SAID_OUTCOMES = saidAs('outcome', OUTCOMES);

function add(counts: Map<string, number>, said: Said, text: string): void {
  const found = said.find(({ member }) => text.includes(member));
  if (found !== undefined) counts.set(found.name, (counts.get(found.name) ?? 0) + 1);
}

type Sample = readonly [labels: string, value: number];

/**
 * Figures in the text format of Prometheus (version 0.0.4). Numbers alone: no agent, person, operation or target is named,
 * since whoever reads them has not signed in.
 */
export function metricsText(house: House, counts: Counts, undelivered: number): string {
  const { rooms, halt, recorder, upstreamPool, appeals } = house;
  const agents = [...house.standing.inForce.agents.values()];
  const sum = (of: (agent: { readonly id: string }) => number) =>
    agents.reduce((all, agent) => all + of(agent), 0);
  const at = (level: string) => agents.filter((agent) => halt.levelOf(agent) === level).length;
  const labelled = (name: string, counted: ReadonlyMap<string, number>): Sample[] =>
    [...counted].map(([value, count]) => [`{${name}="${value}"}`, count]);
  const one = (value: number): Sample[] => [['', value]];
  const families: readonly (readonly [string, 'counter' | 'gauge', string, readonly Sample[]])[] = [
    [
      'decisions_total',
      'counter',
      'Decisions recorded since the start.',
      labelled('decision', counts.decisions),
    ],
    ['outcomes_total', 'counter', 'Outcomes recorded since the start.', labelled('outcome', counts.outcomes)],
    ['log_entries', 'gauge', 'Entries in the log.', one(recorder.size)],
    ['in_flight', 'gauge', 'Actions under way.', one(sum(({ id }) => rooms.admission.inFlight(id)))],
    [
      'approvals_waiting',
      'gauge',
      'Questions that wait for people.',
      one(sum(({ id }) => rooms.approvals.waitingOf(id))),
    ],
    [
      'appeals_waiting',
      'gauge',
      'What agents put before people and nobody has answered.',
      one(appeals.all().filter(({ phase }) => phase === 'open').length),
    ],
    [
      'outcomes_awaited',
      'gauge',
      'Actions done elsewhere whose outcome nobody has told.',
      one(rooms.unreported.size),
    ],
    ['agents', 'gauge', 'Agents by level.', LEVELS.map((level) => [`{level="${level}"}`, at(level)])],
    [
      'upstreams_missing',
      'gauge',
      'Configured upstreams that are not connected.',
      one(upstreamPool.missing.length),
    ],
    [
      'drills',
      'gauge',
      'Agents whose drill was due and could not be done, or whose last one found that a stop does not hold.',
      DRILL_TROUBLES.map((state) => [`{state="${state}"}`, drillTroubles(house)[state].length]),
    ],
    ['undelivered', 'gauge', 'Lanes over which messages were given up on.', one(undelivered)],
    [
      'fault',
      'gauge',
      'Whether something of Lanyard broke and everything is frozen.',
      one(halt.fault === null ? 0 : 1),
    ],
    ['claimed', 'gauge', 'Whether anybody has enrolled a passkey.', one(house.passkeys.claimed ? 1 : 0)],
  ];
  return families
    .flatMap(([name, type, help, samples]) => [
      `# HELP lanyard_${name} ${help}`,
      `# TYPE lanyard_${name} ${type}`,
      ...samples.map(([labels, value]) => `lanyard_${name}${labels} ${value}`),
    ])
    .join('\n')
    .concat('\n');
}
