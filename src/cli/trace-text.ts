import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { rowsIn } from './answer.ts';

/** A trace for a person at night: the effect first, then what led to it, each line for itself. */
export function traceText(trace: JsonObject): string[] {
  const decided = objectAt(trace, 'decided');
  const outcome = objectAt(trace, 'outcome');
  const operation = objectAt(trace, 'operation');
  const say = (key: string) => String(decided[key] ?? '?');
  return [
    `${say('operation')}  (action ${trace['action']})`,
    ...targetsOf(decided).map((target) => `  on        ${target}`),
    `  by        agent ${say('agent')} of ${say('owner')}, session ${say('session')}, through ${say('door')}`,
    `  decided   ${say('decision')}${decided['code'] === undefined ? '' : ` ${say('code')}`} at ${say('at')} (entry ${say('seq')})`,
    ...markLines(trace),
    ...outcomeLines(outcome, decided),
    ...betweenLines(trace),
    ...operationLines(operation),
    ...claimLines(objectAt(trace, 'claims')),
    `  user      ${trace['userWordsWhy']}`,
    '  approval  none: nobody was asked',
    ...bodyLines('arguments', objectAt(trace, 'arguments')),
    ...bodyLines('result', objectAt(trace, 'result')),
    ...(objectAt(trace, 'digest')['holds'] === true
      ? []
      : ['  !         the digest in the log is not that of the fields beside it']),
    '',
    ...ruleLines(trace),
    ...sessionLines(trace),
  ];
}

const objectAt = (of: JsonObject, key: string): JsonObject => {
  const value = of[key];
  return isJsonObject(value) ? value : {};
};
const listAt = (of: JsonObject, key: string): readonly JsonObject[] => rowsIn(of[key]);

function targetsOf(decided: JsonObject): string[] {
  const several = listAt(decided, 'targets');
  const all = several.length > 0 ? several : isJsonObject(decided['target']) ? [decided['target']] : [];
  return all.map(({ type, id }) => `${type} ${id}`);
}

function markLines(trace: JsonObject): string[] {
  return listAt(trace, 'marks').map((one) => {
    const [latest, ...earlier] = listAt(one, 'from');
    if (latest === undefined)
      return `  marked    ${one['mark']}: by nothing of the day before that the log shows`;
    const { operation, target, seq, session } = latest;
    const more = earlier.length === 0 ? '' : `, and ${earlier.length} more before`;
    const on = target === null ? '' : ` on ${target}`;
    return `  marked    ${one['mark']}: ${operation}${on} (entry ${seq}, session ${session})${more}`;
  });
}

function outcomeLines(outcome: JsonObject, decided: JsonObject): string[] {
  const { at, seq, outcome: how, code } = outcome;
  if (how !== undefined)
    return [`  outcome   ${how}${code === undefined ? '' : ` ${code}`} at ${at} (entry ${seq})`];
  return [
    decided['decision'] === 'allow'
      ? '  outcome   none recorded yet: it runs still, or the next start will call it unknown'
      : '  outcome   none: nothing was sent',
  ];
}

function betweenLines(trace: JsonObject): string[] {
  return listAt(trace, 'between').map(({ kind, at, seq }) => `  also      ${kind} at ${at} (entry ${seq})`);
}

function operationLines(operation: JsonObject): string[] {
  if (Object.keys(operation).length === 0)
    return ['  can do    not known: no catalog of then classifies it', '  undo      not known'];
  const { risk, effect, reversibility, audience, worst } = operation;
  const undo = objectAt(operation, 'undo');
  const inverse = JSON.stringify(undo['arguments']);
  return [
    `  can do    ${Array.isArray(effect) ? effect.join(', ') : ''} (${risk}, ${reversibility}, seen by ${audience}); at worst: ${worst}`,
    undo['operation'] === undefined
      ? `  undo      ${reversibility === 'read-only' ? 'nothing to take back' : 'the catalog names none'}`
      : `  undo      ${undo['operation']} ${inverse}`,
  ];
}

function claimLines({ reason }: JsonObject): string[] {
  return reason === null || reason === undefined
    ? ['  why       the agent gave no reason']
    : [`  why       the agent's own claim, which nobody verified: ${JSON.stringify(reason)}`];
}

const SHOWN = 400;

function bodyLines(name: string, body: JsonObject): string[] {
  const { kept, text, holds, why, digest } = body;
  if (kept !== true) return digest === null ? [] : [`  ${name.padEnd(9)} not kept: ${why}`];
  const whole = String(text);
  const shown =
    whole.length > SHOWN ? `${whole.slice(0, SHOWN).toWellFormed()}… (${whole.length} characters)` : whole;
  const verified = holds === true ? 'as digested in the log' : String(why);
  return [`  ${name.padEnd(9)} ${shown}`, `            ${verified}`];
}

function ruleLines(trace: JsonObject): string[] {
  const inForce = objectAt(trace, 'inForce');
  const rules = listAt(trace, 'rules');
  const why = inForce['why'] === undefined ? '' : ` (${inForce['why']})`;
  return [
    rules.length === 0 ? 'No rule determined it' : 'Rules that determined it:',
    ...rules.flatMap(({ id, file, line, text }) =>
      text === null
        ? [`  ${id}: its text is not known here`]
        : [
            `  ${id} (${file}:${line})`,
            ...String(text)
              .split('\n')
              .map((one) => `    ${one}`),
          ],
    ),
    `  of the set ${inForce['set']}, policy ${inForce['policy']}${why}`,
  ];
}

function sessionLines(trace: JsonObject): string[] {
  return listAt(trace, 'sessions').flatMap((session, i) => {
    const name =
      i === 0 ? `Before it, session ${session['session']}` : `Its parent, session ${session['session']}`;
    const [reads, denials] = [listAt(session, 'read'), listAt(session, 'denials')];
    const more = session['readMore'] === 0 ? [] : [`    … and ${session['readMore']} more`];
    return [
      '',
      `${name} (${count(session['actions'], 'action')})`,
      reads.length === 0 ? '  had read nothing' : '  had read, latest first:',
      ...reads.slice(0, 20).map(readLine),
      ...(reads.length > 20 ? [`    … and ${reads.length - 20} more; --json lists them`] : more),
      denials.length === 0
        ? '  had been denied nothing'
        : `  had been denied ${session['denied'] === 1 ? 'once' : `${session['denied']} times, latest first`}:`,
      ...denials.slice(0, 20).map(denialLine),
    ];
  });
}

const count = (n: Json | undefined, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

function readLine(read: JsonObject): string {
  const { at, seq } = objectAt(read, 'last');
  const times = read['count'] === 1 ? '' : `, ${read['count']} times`;
  const on = read['target'] === null ? '' : ` on ${read['target']}`;
  return `    ${at} (entry ${seq}) ${read['operation']}${on}: ${read['source']}, ${read['sensitivity']}${times}`;
}

function denialLine({ at, seq, operation, target, code, rules }: JsonObject): string {
  const by = Array.isArray(rules) && rules.length > 0 ? ` by ${rules.join(', ')}` : '';
  return `    ${at} (entry ${seq}) ${operation}${target === null ? '' : ` on ${target}`}: ${code}${by}`;
}
