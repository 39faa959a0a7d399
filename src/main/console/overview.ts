import { toInstant } from '../../base/clock.ts';
import type { FirstWordGiven, Overview, Trouble } from '../../contract/control-reads.ts';
import type { Person } from '../../model/person.ts';
import type { House } from '../house.ts';
import { firstWordsOf } from '../stop/releasing.ts';
import { VERSION } from '../version.ts';
import { agentRows } from './agents.ts';
import { drillTroubles } from './drills.ts';
import { rowNow } from './question-now.ts';
import type { Questions } from './questions.ts';

const RECENT = 40;

export async function overviewOf(house: House, reader: Person, questions: Questions): Promise<Overview> {
  const { activity, clock, halt, passkeys, recorder } = house;
  // Room that was made shows here, though nothing else has been tried since.
  await recorder.probe();
  const { all, mine, oldestAtMs } = questions.count(reader.id);
  const words = firstWordsOf(house);
  const configured = [...house.standing.inForce.agents.values()].filter(
    ({ id, level }) => level !== 'live' && !halt.levels.has(`agent:${id}`),
  );
  return {
    at: toInstant(clock.now()),
    version: VERSION,
    entries: recorder.size,
    claimed: passkeys.claimed,
    waiting: { all, mine, oldestAt: oldestAtMs === null ? null : toInstant(oldestAtMs) },
    halted: [
      ...[...halt.levels]
        .filter(([, level]) => level !== 'live')
        .map(([scope, level]) => ({ scope, level, ...firstOf(words.get(scope)) })),
      ...configured.map(({ id, level }) => ({ scope: `agent:${id}`, level })),
    ],
    troubles: troublesOf(house),
    agents: agentRows(house),
    recent: activity.recent(RECENT).map((row) => rowNow(house, row)),
  };
}

const firstOf = (first: FirstWordGiven | undefined) => (first === undefined ? {} : { first });

function troublesOf(house: House): Trouble[] {
  const { halt, upstreamPool, passkeys, recorder, rooms, standing } = house;
  const troubles: Trouble[] = [];
  if (halt.fault !== null)
    troubles.push({ kind: 'fault', grave: true, sentence: `Everything stands still: ${halt.fault}.` });
  if (recorder.failing !== null)
    troubles.push({
      kind: 'fault',
      grave: true,
      sentence: `The log cannot be written (${recorder.failing}), so nothing may run. Make room for the state directory, or mend its disk; it goes on by itself then. Stops hold all the same.`,
    });
  else if (!recorder.owesNothing)
    troubles.push({
      kind: 'fault',
      grave: true,
      sentence: 'Something that happened could not be written to the log yet; it is kept and written first.',
    });
  for (const id of upstreamPool.missing) {
    const why = upstreamPool.troubles[id];
    troubles.push({
      kind: 'upstream',
      grave: true,
      sentence: `The upstream ${id} is not connected; its operations are denied until it is.${why === undefined ? '' : ` ${why}`}`,
    });
  }
  if (!passkeys.claimed)
    troubles.push({
      kind: 'unclaimed',
      grave: true,
      sentence: 'Nobody has claimed this instance: any program of the same user can act as an operator.',
    });
  const { stopChannel, brake } = house.waysToStop;
  const ways = [
    ...(stopChannel === null
      ? []
      : [`The channel that stops come by cannot be read (${stopChannel}): nobody can stop over it.`]),
    ...(brake === null ? [] : [`The brake does not answer (${brake}): stop by ./lanyard stop, or here.`]),
  ];
  for (const sentence of ways) troubles.push({ kind: 'way-to-stop', grave: true, sentence });
  const { failed, overdue } = drillTroubles(house);
  for (const agent of failed)
    troubles.push({
      kind: 'drill',
      grave: true,
      sentence: `The last drill of ${agent} (${toInstant(house.drills.last.get(agent)?.atMs ?? 0)}) found that a stop does not hold everywhere.`,
    });
  for (const agent of overdue)
    troubles.push({
      kind: 'drill',
      grave: true,
      sentence: `A drill of ${agent} was due and could not be done; ./lanyard drill agent:${agent} says why.`,
    });
  const { count } = rooms.unreported;
  if (count > 0)
    troubles.push({
      kind: 'unreported',
      grave: false,
      sentence: `Of ${count} actions that were done elsewhere nobody told the outcome.`,
    });
  const { size } = standing.inForce.agents;
  if (size > 0)
    troubles.push({
      kind: 'uncontained',
      grave: false,
      sentence: `${size === 1 ? 'The agent is' : `All ${size} agents are`} uncontained: ${size === 1 ? 'its' : 'their'} own shell, editor and network are not governed here.`,
    });
  return troubles;
}
