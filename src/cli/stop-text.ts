import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';

const MEANS: Readonly<Record<string, string>> = {
  watched: 'all but reads waits for a person',
  frozen: 'nothing runs until a person releases it',
  killed: 'nothing runs, its tokens are gone, and it takes two people to bring it back',
};
const MOST_LINES = 20;

/** What a stop did, or would do, for somebody at 2 a.m.: the state first, then what was cut, then how to take it back. */
export function stopText(done: JsonObject, isPreview: boolean): string[] {
  const { scope, level, cut } = done;
  const [what, how] = [String(scope), String(level)];
  const head = isPreview
    ? `${what} is ${String(done['now'])} now. ${how} would mean: ${MEANS[how] ?? ''}`
    : `${what} is ${how}`;
  const tokens = Number(done['tokens'] ?? 0);
  return [
    head,
    ...(isPreview ? [] : [MEANS[how] ?? '']),
    ...(done['seen'] === false
      ? [
          `No such session is known: nothing alive and no entry of the log names it. ${isPreview ? 'A stop of it would stand' : 'The stop stands'} all the same, for it may begin yet; see ./lanyard log show --json for the names there are.`,
        ]
      : []),
    ...(how === 'watched' || cut === undefined ? [] : cutLines(done, isPreview)),
    ...(tokens === 0 ? [] : [`${count(tokens, 'token')} ${isPreview ? 'would end' : 'ended'}`]),
    ...secretLines(done['secrets'], isPreview),
    ...(isPreview ? [`Nothing was stopped. To do it: ./lanyard stop ${what} --level ${how}`] : []),
  ];
}

/** Of the brake they come as lines, and it has none before the stop is in the log. */
function cutLines({ cut = null, recorded }: JsonObject, isPreview: boolean): string[] {
  if (isJsonObject(cut)) return [cutLine(cut, isPreview), ...thingLines(cut, isPreview)];
  const lines = Array.isArray(cut) ? cut.map((line) => `  ${String(line)}`) : [];
  if (lines.length > 0) return ['cut:', ...lines];
  return recorded === true ? ['nothing was running there'] : [];
}

function cutLine({ counts, lastMs, alive }: JsonObject, isPreview: boolean): string {
  const kinds = isJsonObject(counts) ? Object.entries(counts) : [];
  if (kinds.length === 0) return isPreview ? 'nothing runs there now' : 'nothing was running there';
  const list = kinds.map(([kind, many]) => count(Number(many), kind)).join(', ');
  if (isPreview) return `it would cut ${list}`;
  const left = Number(alive ?? 0);
  const end =
    left === 0 ? `the last ended after ${String(lastMs)} ms` : `${left} HAD NOT ENDED when last looked at`;
  return `cut: ${list}; ${end}`;
}

function thingLines({ things }: JsonObject, isPreview: boolean): string[] {
  const list: readonly Json[] = Array.isArray(things) ? things : [];
  const lines = list.slice(0, MOST_LINES).flatMap((thing) => {
    if (!isJsonObject(thing)) return [];
    const { kind, name, agent, ms } = thing;
    const ended = isPreview ? '' : ms === null ? ': NOT ENDED' : ` (${String(ms)} ms)`;
    return [`  ${String(kind)} ${String(name)} of ${String(agent)}${ended}`];
  });
  const more = list.length - lines.length;
  return more > 0 ? [...lines, `  and ${more} more; the log has them`] : lines;
}

/** The command stops by the socket, which proves no person: it revokes nothing. */
function secretLines(secrets: Json | undefined, isPreview: boolean): string[] {
  const list: readonly Json[] = Array.isArray(secrets) ? secrets : [];
  return list.flatMap((secret) => {
    if (!isJsonObject(secret)) return [];
    const { upstream, revoke, others } = secret;
    const sharing =
      Array.isArray(others) && others.length > 0 ? ` It is also used by ${others.join(', ')}.` : '';
    const head = `the secret of ${String(upstream)}`;
    if (revoke === 'none')
      return [
        `${head} ${isPreview ? 'would stay' : 'STAYS'} good: nothing revokes it, do it by hand.${sharing}`,
      ];
    const how = 'by a person who is signed in, a stop key, a code or a breaker; not by this command';
    const proof = revoke === 'unproved' ? ', which nothing would prove' : '';
    return isPreview
      ? [`${head} would be revoked by a kill ${how}${proof}.${sharing}`]
      : [
          `${head} STAYS good: it is revoked by a kill ${how}. Kill it again that way, or do it by hand.${sharing}`,
        ];
  });
}

const count = (many: number, noun: string) => `${many} ${noun}${many === 1 ? '' : 's'}`;
