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

/** `base`: where people reach `control`. */
export function messageOf(
  id: string,
  matters: readonly Matter[],
  base: string | null,
  nowMs: number,
): Message {
  const page = matters.some((matter) => matter.page);
  const shown = matters.slice(0, LIMITS.noticeLines);
  const left = matters.length - shown.length;
  const [only] = matters.length === 1 ? matters : [];
  return {
    id,
    page,
    title: titleOf(matters, page),
    lines: [...shown.map(lineOf), ...(left > 0 ? [`and ${left} more`] : [])],
    link: base === null ? null : `${base.replace(/\/+$/, '')}${only === undefined ? '/inbox' : pathOf(only)}`,
    atMs: nowMs,
    matters,
  };
}

/**
 * The subject of a mail, read in a list at night: what the gravest is about, by our own words and ids of the
 * configuration, and how many more there are.
 */
function titleOf(matters: readonly Matter[], page: boolean): string {
  const waiting = matters.filter(({ kind }) => kind !== 'alert').length;
  if (!page && waiting === 1) return 'Lanyard: a question waits for you';
  if (!page && waiting > 1) return `Lanyard: ${waiting} questions wait for you`;
  const first = matters.find((matter) => matter.page === page);
  const more = matters.length > 1 ? `, and ${matters.length - 1} more` : '';
  return `Lanyard: ${page ? 'look now: ' : ''}${first === undefined ? 'something was noted' : briefOf(first)}${more}`;
}

function briefOf({ kind, subject, agent, scope }: Matter): string {
  if (kind !== 'alert') return 'a question waits for you';
  if (subject === 'stopped-wide' && splitScope(scope ?? '') === null) return 'everything was stopped';
  const brief = isAlertSubject(subject) ? ALERTS[subject].brief : 'something needs to be looked at';
  return agent === undefined ? brief : `${brief} (${agent})`;
}

function lineOf({ kind, id, agent, operation, scope, subject, expiresMs }: Matter): string {
  const who = agent === undefined ? '' : ` of agent ${agent}`;
  if (kind === 'alert') return `${sentenceOf({ subject, scope })} (alert ${id}${who})`;
  if (kind === 'appeal')
    return `${APPEALS[subject ?? ''] ?? 'Something was put before you.'} (${kind} ${id}${who})`;
  const what = operation === undefined ? 'an action' : unlinked(operation);
  const until = expiresMs === undefined ? '' : `, until ${toInstant(expiresMs).slice(0, 16)}Z`;
  return `${what}${who} (approval ${id}${until})`;
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
