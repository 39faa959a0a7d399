import { isJsonObject, type JsonObject } from '../base/json.ts';
import { textsIn } from './answer.ts';

/**
 * What `status` says to a person: what is wrong or stopped first, what is in force last; a sentence a line. `why`: of scopes
 * that are stopped, the reason.
 */
export function statusText(status: JsonObject, why: ReadonlyMap<string, string> = new Map()): string[] {
  const { url, fault, entries, set, policy, claimed, proof } = status;
  const lines = [
    ...(fault === null || fault === undefined ? [] : [`WRONG: ${fault}`]),
    ...recordingOf(status['recording']),
    ...textsIn(status['details']),
    ...stoppedOf(status, why),
    ...missingOf(status),
    ...drillsOf(status['drills']),
    ...countOf(status['awaitingOutcome'], 'done elsewhere, whose outcome nobody has told yet'),
    ...countOf(status['unreported'], 'done elsewhere, whose outcome nobody told in time'),
    ...countOf(status['waitingForSignature'], 'asked for that a person has to sign (./lanyard inbox)'),
    ...(claimed === false ? [`UNCLAIMED: ${String(proof).replace(/^none: /, '')}`] : []),
  ];
  if (lines.length === 0) lines.push('Nothing is stopped or wrong.');
  if (typeof url === 'string') lines.push(`Agents reach it at ${url}.`);
  lines.push(`The log has ${entries} entries.`);
  if (typeof set === 'string') lines.push(`In force: set ${set}`, `          rules ${policy}`);
  return lines;
}

function recordingOf(recording: unknown): string[] {
  if (typeof recording !== 'string' || recording === 'ok') return [];
  return [
    `WRONG: the log cannot be written (${recording}), so nothing may run; make room for the state directory, or mend its disk: it goes on by itself then, and stops hold all the same`,
  ];
}

function missingOf({ upstreamsMissing, upstreamTroubles }: JsonObject): string[] {
  const troubles = isJsonObject(upstreamTroubles) ? upstreamTroubles : {};
  return textsIn(upstreamsMissing).map((id) => {
    const why = troubles[id];
    const because = typeof why === 'string' ? `: ${why}` : '';
    return `WRONG: the upstream ${id} is not connected; its operations are denied until it is${because}`;
  });
}

function stoppedOf({ levels, firstWords, claimed }: JsonObject, why: ReadonlyMap<string, string>): string[] {
  if (!isJsonObject(levels)) return [];
  return Object.entries(levels).flatMap(([scope, level]) => {
    const reason = why.get(scope);
    return [
      `STOPPED: ${scope === 'all' ? 'everything' : scope} is ${level}; ./lanyard release ${scope} --why "…" takes it back${level === 'killed' ? killedIsBack(claimed === false) : ''}`,
      ...(reason === undefined ? [] : [`  ${reason}`]),
      ...firstWordOf(isJsonObject(firstWords) ? firstWords[scope] : undefined),
    ];
  });
}

/** What a release of something killed takes besides; without a passkey nobody can give it. */
const killedIsBack = (isUnclaimed: boolean) =>
  isUnclaimed
    ? ', once people have enrolled (./lanyard enrol) and two of them sign'
    : ', once two people have signed';

/** Whoever gives the second word sees that the first was given. */
function firstWordOf(given: unknown): string[] {
  if (!isJsonObject(given)) return [];
  return [
    `  ${given['person']} gave the first of two words to release it at ${given['at']}; a second person signs the same release now`,
  ];
}

function drillsOf(drills: unknown): string[] {
  if (!isJsonObject(drills)) return [];
  return [
    ...textsIn(drills['failed']).map(
      (id) => `WRONG: the last drill of ${id} found a stop that does not hold`,
    ),
    ...textsIn(drills['overdue']).map(
      (id) => `WRONG: a drill of ${id} is overdue (./lanyard drill agent:${id})`,
    ),
  ];
}

const countOf = (count: unknown, what: string): string[] =>
  typeof count === 'number' && count > 0 ? [`${count} ${count === 1 ? 'thing' : 'things'} ${what}`] : [];

/** A set that cannot start says less of itself: what is not there has no lines. */
