import { toInstant } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';
import { splitScope } from '../../containment/levels.ts';
import { ALERTS, isAlertSubject } from './alerts.ts';
import type { Matter } from './matter.ts';

/**
 * What a person is told: our own words, ids and names of operations. No text of an agent or an upstream is in it,
 * because what reaches a phone is read in a hurry and by other programs on the way.
 */
export interface Message {
  /** Of this message; the same each time it is tried. */
  readonly id: string;
  readonly page: boolean;
  readonly title: string;
  readonly lines: readonly string[];
  /** Opens what it is about; looking at it decides nothing. null: nobody has said where people reach `control`. */
  readonly link: string | null;
  readonly atMs: number;
  readonly matters: readonly Matter[];
}

/** `base`: where people reach `control`. `to`: whom it is for. */
export function messageOf(
  id: string,
  matters: readonly Matter[],
  base: string | null,
  nowMs: number,
  to: string,
): Message {
  const page = matters.some((matter) => matter.page);
  const shown = matters.slice(0, LIMITS.noticeLines);
  const left = matters.length - shown.length;
  const [only] = matters.length === 1 ? matters : [];
  return {
    id,
    page,
    title: titleOf(matters, page, to),
    lines: [...shown.map((matter) => lineOf(matter, to)), ...(left > 0 ? [`and ${left} more`] : [])],
    link: base === null ? null : `${base.replace(/\/+$/, '')}${only === undefined ? '/inbox' : pathOf(only)}`,
    atMs: nowMs,
    matters,
  };
}

/**
 * The subject of a mail, read in a list at night: what the gravest is about, by our own words and ids of the
 * configuration, and how many more there are.
 */
function titleOf(matters: readonly Matter[], page: boolean, to: string): string {
  const waiting = matters.filter(({ kind }) => kind !== 'alert');
  if (!page && waiting.length > 0) return waitTitle(waiting, to);
  const first = matters.find((matter) => matter.page === page);
  const more = matters.length > 1 ? `, and ${matters.length - 1} more` : '';
  return `Lanyard: ${page ? 'look now: ' : ''}${first === undefined ? 'something was noted' : briefOf(first)}${more}`;
}

/** Whoever comes next in the line is told of what she cannot answer, too: that it is hers must then not be what she reads. */
function waitTitle(waiting: readonly Matter[], to: string): string {
  const others = waiting.filter((matter) => isForOthers(matter, to));
  const mine = waiting.length - others.length;
  const [first] = others;
  if (mine === 0 && first !== undefined)
    return others.length === 1
      ? `Lanyard: a question waits for ${namesOf(first)}`
      : `Lanyard: ${others.length} questions wait for others`;
  const more = others.length === 0 ? '' : `, and ${others.length} for others`;
  return `Lanyard: ${mine === 1 ? 'a question waits' : `${mine} questions wait`} for you${more}`;
}

/** Somebody else has to answer it; she can take it back alone. */
const isForOthers = ({ kind, people }: Matter, to: string): boolean =>
  kind === 'approval' && people.length > 0 && !people.includes(to);

const NAMES = 3;
const namesOf = ({ people }: Matter): string =>
  [...people.slice(0, NAMES), ...(people.length > NAMES ? ['others'] : [])].join(', ');

function briefOf({ kind, subject, agent, scope }: Matter): string {
  if (kind !== 'alert') return 'a question waits for you';
  if (subject === 'stopped-wide' && splitScope(scope ?? '') === null) return 'everything was stopped';
  const brief = isAlertSubject(subject) ? ALERTS[subject].brief : 'something needs to be looked at';
  return agent === undefined ? brief : `${brief} (${agent})`;
}

function lineOf(matter: Matter, to: string): string {
  const { kind, id, agent, operation, scope, subject, expiresMs } = matter;
  const who = agent === undefined ? '' : ` of agent ${agent}`;
  if (kind === 'alert') return `${sentenceOf({ subject, scope })} (alert ${id}${who})`;
  if (kind === 'appeal')
    return `${APPEALS[subject ?? ''] ?? 'Something was put before you.'} (${kind} ${id}${who})`;
  const what = operation === undefined ? 'an action' : unlinked(operation);
  const until = expiresMs === undefined ? '' : `, until ${toInstant(expiresMs).slice(0, 16)}Z`;
  const whose = isForOthers(matter, to) ? `; for ${namesOf(matter)}, you can only take it back` : '';
  return `${what}${who} (approval ${id}${until}${whose})`;
}

/** What an alert says, without a word that somebody else could have chosen. */
export function sentenceOf({
  subject,
  scope,
}: { readonly [K in 'subject' | 'scope']?: string | undefined }): string {
  if (subject === 'stopped-wide' && scope !== undefined) return widthOf(scope);
  return isAlertSubject(subject) ? ALERTS[subject].sentence : 'Something needs to be looked at.';
}

function widthOf(scope: string): string {
  const split = splitScope(scope);
  switch (split?.kind) {
    case undefined:
      return 'Everything was stopped.';
    case 'owner':
      return `All agents of ${split.id} were stopped.`;
    case 'upstream':
      return `Upstream ${split.id} was stopped, for every agent.`;
    case 'session':
      return 'One session was stopped.';
    default:
      return `One ${split?.kind} was stopped, for every agent.`;
  }
}

const APPEALS: Readonly<Record<string, string>> = {
  question: 'A question is put to you.',
  permission: 'A rule is asked for.',
  handover: 'Work was handed over to you.',
};

/** A tool may be called `www.example.org`, and mail programs make links of such names. */
const unlinked = (operation: string): string => operation.replaceAll('.', '[.]');

const pathOf = ({ kind, id }: Matter): string => `/${kind}s/${id}`;
