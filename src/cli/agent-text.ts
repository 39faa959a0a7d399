import { isJsonObject, type JsonObject } from '../base/json.ts';
import { rowsOf } from './answer.ts';

/** What `agent show` says to a person: whether it runs and who answers for it, then what it may still do; a sentence a line. `why`: the reasons for its level. */
export function agentText(agent: JsonObject, why: readonly string[] = []): string[] {
  const { id, level, owner, backup, ownerless, purpose, contact, halfOpenUntil } = agent;
  const inFlight = Number(agent['inFlight']);
  const teams = Array.isArray(agent['teams']) ? agent['teams'] : [];
  return [
    `${id} is ${level}${LEVELS[String(level)] ?? ''}.`,
    ...why,
    ...(ownerless === true
      ? [`WRONG: ${owner} cannot answer for it any more, so it does not run; its backup can take over`]
      : []),
    `Its owner is ${owner}; ${typeof backup === 'string' ? `its backup is ${backup}` : 'it has no backup'}.`,
    `Purpose: ${typeof purpose === 'string' && purpose !== '' ? purpose : 'none was written down'}`,
    ...(typeof contact === 'string' ? [`Whoever it bothers can turn to ${contact}.`] : []),
    ...(teams.length === 0 ? [] : [`Teams: ${teams.join(', ')}`]),
    ...(inFlight > 0 ? [`In flight: ${inFlight} ${inFlight === 1 ? 'call' : 'calls'}`] : []),
    ...(typeof halfOpenUntil === 'string'
      ? [`Half open until ${halfOpenUntil}: after its release, half of what breakers and budgets allow`]
      : []),
    ...leaseLines(agent['lease']),
    ...rowsOf(agent['budgets']).map((budget) => `Budget ${budget['id']}: ${budget['says']}`),
    ...tokenLines(rowsOf(agent['tokens']), String(id)),
    ...(agent['contained'] === true
      ? []
      : ["Not contained: it may reach Lanyard's files and its servers by another way (THREATS.md)."]),
  ];
}

const LEVELS: { readonly [level: string]: string } = {
  watched: ': all but reads need a person',
  frozen: ': nothing of it runs',
  killed: ': nothing of it runs, and its tokens are gone',
};

function leaseLines(lease: unknown): string[] {
  if (!isJsonObject(lease)) return [];
  const { stage, since, until, frozenAt } = lease;
  const due = stage === 'live' ? '' : `; it is ${stage}`;
  return [
    `Last looked at ${since}${due}. Unless somebody looks, it is watched from ${until} and frozen from ${frozenAt}.`,
  ];
}

function tokenLines(tokens: readonly JsonObject[], id: string): string[] {
  if (tokens.length === 0) return [`It has no token; ./lanyard agent token ${id} makes one.`];
  return tokens.map((token) => `Token ${token['id']}: good until ${token['expiresAt']}`);
}
