import { makeVisible } from '../visible.ts';
import type { ProposedClasses } from './classes.ts';
import type { ProposedFields } from './fields.ts';
import type { proposeResults } from './results.ts';
import type { ProposedTarget } from './targets.ts';

export interface ProposedOperation {
  /** A tool's name, `resources/read` or `prompts/get`. */
  readonly name: string;
  readonly classes: ProposedClasses;
  readonly worst: string;
  readonly targets: readonly ProposedTarget[];
  readonly fields: ProposedFields;
  readonly results: ReturnType<typeof proposeResults>;
  /** What a person should know beside the words. */
  readonly remarks: readonly string[];
}

const REASON_LENGTH = 240;

/**
 * A comment of one line whatever the server wrote: what could end the line, move a cursor or turn the line around is
 * written out, and no reason is longer than a person reads.
 */
function commentOf(text: string): string {
  const visible = makeVisible(text);
  return `# ${visible.length > REASON_LENGTH ? `${visible.slice(0, REASON_LENGTH)}…` : visible}`;
}

/** Plain where it can only be that text, quoted otherwise; a JSON string is a YAML one. */
function scalar(text: string): string {
  const isPlain =
    /^[A-Za-z][A-Za-z0-9_-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(makeVisible(text));
}

const listOf = (texts: readonly string[]): string => `[${texts.map(scalar).join(', ')}]`;

export function textOf({
  name,
  classes,
  worst,
  targets,
  fields,
  results,
  remarks,
}: ProposedOperation): string[] {
  const { risk, effect, reversibility, audience } = classes;
  const { texts, people, secret, amount } = fields;
  const field = (key: string, value: string, why?: string) =>
    `    ${key}: ${value}${why === undefined ? '' : ` ${commentOf(why)}`}`;
  return [
    ...remarks.map((remark) => `  ${commentOf(remark)}`),
    `  ${name.includes('/') ? name : scalar(name)}:`,
    field('risk', risk.value, risk.why),
    field('effect', `[${effect.value.join(', ')}]`, effect.why),
    field('reversibility', reversibility.value, reversibility.why),
    field('audience', audience.value, audience.why),
    field('worst', JSON.stringify(worst)),
    ...(targets.length === 0 ? [] : ['    targets:', ...targets.map(targetText)]),
    ...(texts.length === 0 ? [] : [field('texts', listOf(texts))]),
    ...(people.length === 0 ? [] : [field('people', listOf(people))]),
    ...(amount === undefined
      ? []
      : [
          field('amount', `{ value: ${scalar(amount.value)}, currency: ${JSON.stringify(amount.currency)} }`),
        ]),
    field('source', results.source.value, results.source.why),
    field('sensitivity', results.sensitivity.value, results.sensitivity.why),
    ...(secret.length === 0 ? [] : [field('secret', listOf(secret), 'never stored')]),
  ];
}

function targetText({ type, id, each, optional, why }: ProposedTarget): string {
  const parts = [
    `type: ${type}`,
    ...(each === undefined ? [] : [`each: ${scalar(each)}`]),
    ...(id === undefined ? [] : [`id: ${JSON.stringify(id)}`]),
    ...(optional ? ['optional: true'] : []),
  ];
  return `      - { ${parts.join(', ')} } ${commentOf(why)}`;
}
