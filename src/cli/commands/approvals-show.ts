import type { JsonObject } from '../../base/json.ts';
import { objectOf, rowsIn, textsIn } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printLine } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `approvals show` and `approvals approve`: one question in full, and where a passkey answers it. */
export async function run(args: Arguments): Promise<ExitCode> {
  const [approval = ''] = args.words;
  const view = objectOf(await ask(configPath(args), 'POST /v1/approval', { approval }));
  if (flag(args, 'json')) print(view);
  else for (const line of viewText(view)) printLine(line);
  return EXIT.done;
}

/** What a person reads before she answers. */
function viewText(view: JsonObject): string[] {
  const { state, agent, operation, page } = view;
  return [
    `${state}: ${agent} wants to run ${operation}`,
    ...rowsIn(view['targets']).map(({ type, id }) => `  on ${type} ${id}`),
    '',
    'Why you are asked:',
    ...rowsIn(view['why']).map(({ rule, who, reason }) => `  ${reason} (${rule}, asks ${who})`),
    '',
    ...classOf(view),
    '',
    view['redacted'] === true
      ? 'Arguments (what looked secret is not shown, and is part of what would run):'
      : 'Arguments:',
    ...(view['arguments'] === null
      ? ['  no longer kept']
      : textsIn(view['arguments']).map((line) => `  ${line}`)),
    ...differenceOf(view['difference']),
    '',
    `The session has read: ${textsIn(view['marks']).join(', ') || 'nothing that marks it'}`,
    ...(typeof view['claimedReason'] === 'string'
      ? [`The agent says (nobody checked): ${view['claimedReason']}`]
      : []),
    'Before, newest first:',
    ...rowsIn(view['recent']).map(({ at, decision, operation: did }) => `  ${at} ${decision} ${did}`),
    '',
    `Open until ${view['expires']}; may answer: ${textsIn(view['people']).join(', ') || 'nobody who can sign in'}`,
    ...rowsIn(view['answers']).map(({ person, answer, at, notBeside, noLonger }) => {
      const beside = textsIn(notBeside);
      const counts =
        beside.length === 0 ? '' : `; not counted beside ${beside.join(', ')}, who invited her lately`;
      const gone = noLonger === true ? '; not counted: may not answer it any more' : '';
      return `  ${person}: ${answer} at ${at}${counts}${gone}`;
    }),
    ...nobodyLeft(view),
    typeof page === 'string'
      ? `To approve, open ${page} and use your passkey. To say no: ./lanyard approvals deny ${view['approval']} --why "…"`
      : `To approve, people need a page to sign in at: set \`control\` in lanyard.yaml. To say no: ./lanyard approvals deny ${view['approval']} --why "…"`,
  ];
}

/** Everybody has said yes, and it waits still: some of them do not count beside one another. */
function nobodyLeft(view: JsonObject): string[] {
  const answered = new Set(rowsIn(view['answers']).map(({ person }) => person));
  const people = textsIn(view['people']);
  if (view['state'] !== 'waiting' || people.length === 0 || !people.every((id) => answered.has(id)))
    return [];
  return [
    'Everybody who may answer has said yes, and it is not enough: nobody is left to ask, and it runs out.',
  ];
}

const BACK: Readonly<Record<string, string>> = {
  'read-only': 'nothing changes',
  reversible: 'it can be',
  'externally-reversible': 'only with somebody else’s help',
  irreversible: 'nobody can',
};

function classOf(view: JsonObject): string[] {
  if (view['risk'] === undefined)
    return ['Nobody has said what this operation can do: take it for the worst that its name allows.'];
  const undo = view['undo'];
  return [
    `Class: ${view['risk']}, ${textsIn(view['effect']).join(' and ')}; seen by: ${view['audience']}`,
    `At worst: ${view['worst']}`,
    ...moneyOf(view['money']),
    `Taking it back: ${BACK[String(view['reversibility'])] ?? 'not known'}${typeof undo === 'string' ? `, by ${undo}` : ''}`,
    ...(view['version'] === 'unread'
      ? ['The state of the target could not be read, so it is not bound.']
      : []),
  ];
}

function moneyOf(money: unknown): string[] {
  if (money === undefined) return [];
  return [
    `It pays: ${money === null ? 'not known, its arguments do not say it in a way that can be counted' : textsIn(money).join(', ')}`,
  ];
}

function differenceOf(difference: unknown): string[] {
  if (!Array.isArray(difference)) return [];
  return ['', 'What it changes:', ...rowsIn(difference).map(({ sign, text }) => `  ${sign} ${text}`)];
}
