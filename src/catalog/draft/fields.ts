import { isSpoken } from './classes.ts';
import type { Parameter } from './parameter.ts';

export interface ProposedFields {
  readonly texts: readonly string[];
  readonly people: readonly string[];
  readonly secret: readonly string[];
  readonly amount?: { readonly value: string; readonly currency: string };
}

const PEOPLE =
  /^(to|cc|bcc|recipient|recipients|assignee|assignees|reviewer|reviewers|user|users|username|usernames|userid|userids|email|emails|owner|lead|author|member|members)$/;
const SECRET = /^(password|passphrase|secret|token|credential|credentials)$/;
const SECRET_KEY = /^(apikey|accesskey|privatekey|secretkey|signingkey)$/;
/** A token that turns pages opens nothing. */
const TURNS_PAGES = /^(page|next|cursor|continuation|sync)$/;
const AMOUNT = /^(amount|unitamount|amountoff|total|price)$/;

/** What is said of arguments beside targets. A repository's owner is no person to ask about, so `owner` needs no repo beside it. */
export function proposeFields(parameters: readonly Parameter[]): ProposedFields {
  const hasRepo = parameters.some(({ name }) => name === 'repo');
  const people = parameters.filter(
    ({ words, kind, name }) =>
      (kind === 'text' || kind === 'texts' || kind === 'other') &&
      PEOPLE.test(words.join('')) &&
      !(name === 'owner' && hasRepo),
  );
  const amount = parameters.find(({ words, kind }) => kind === 'number' && AMOUNT.test(words.join('')));
  const currency = parameters.find(({ name, kind }) => name === 'currency' && kind === 'text');
  return {
    texts: parameters.filter(isSpoken).map(({ name }) => name),
    people: people.map(({ name, kind }) => (kind === 'texts' ? `${name}[]` : name)),
    secret: parameters.filter(isSecret).map(({ name }) => name),
    ...(amount === undefined
      ? {}
      : { amount: { value: amount.name, currency: currency === undefined ? 'unknown' : '{currency}' } }),
  };
}

function isSecret({ words }: Parameter): boolean {
  const [before = '', last = ''] = words.slice(-2).length === 2 ? words.slice(-2) : ['', words[0]];
  return (SECRET.test(last) && !TURNS_PAGES.test(before)) || SECRET_KEY.test(before + last);
}
