import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { MONEY_SCALE } from '../../model/budget.ts';
import type { OperationEntry } from '../entry.ts';
import type { Field, Template } from './template.ts';

/**
 * Decimals of currencies that do not have two (ISO 4217; as payment services count them). Of one that is not known here the
 * smallest unit is taken for a whole one, which errs on the safe side.
 */
const DECIMALS: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF',
  2: 'AED ARS AUD BDT BGN BRL CAD CHF CNY COP CZK DKK EGP EUR GBP GEL HKD HUF IDR ILS INR KES MAD MXN MYR NGN NOK NZD PEN PHP PKR PLN QAR RON RSD SAR SEK SGD THB TRY TWD UAH USD UYU VES ZAR',
  3: 'BHD IQD JOD KWD LYD OMR TND',
};
const DECIMALS_OF: ReadonlyMap<string, number> = new Map(
  Object.entries(DECIMALS).flatMap(([decimals, names]) =>
    names.split(' ').map((name) => [name, Number(decimals)] as const),
  ),
);

/**
 * The money that a call moves, in ten-thousandths by currency, rounded up. Empty: none. null: it moves some, and how much
 * cannot be told: the argument is absent, no number, below zero or beyond what is counted exactly.
 */
export function amountOf(
  entry: Pick<OperationEntry, 'amount'> | undefined,
  args: JsonObject,
): ReadonlyMap<string, number> | null {
  if (entry?.amount === undefined) return NO_MONEY;
  const currency = textOf(entry.amount.currency, args);
  if (currency === null) return null;
  const values = valuesAt(args, entry.amount.value.steps);
  if (values.length === 0) return null;
  let sum = 0;
  for (const value of values) {
    const number = numberOf(value);
    if (number === null) return null;
    sum += number;
  }
  if (!Number.isSafeInteger(sum)) return null;
  const parts = entry.amount.minor === true ? 10 ** (DECIMALS_OF.get(currency) ?? 0) : 1;
  return new Map([[currency, Math.ceil(sum / parts)]]);
}

const NO_MONEY: ReadonlyMap<string, number> = new Map();

function numberOf(value: Json): number | null {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  if (!/^\d{1,12}(\.\d{1,20})?$/.test(text)) return null;
  const [whole = '', fraction = ''] = text.split('.');
  const exact = Number(whole) * MONEY_SCALE + Number(fraction.slice(0, 4).padEnd(4, '0'));
  return /[1-9]/.test(fraction.slice(4)) ? exact + 1 : exact;
}

function valuesAt(value: Json, [step, ...rest]: Field['steps']): Json[] {
  if (step === undefined) return [value];
  if (!isJsonObject(value) || !Object.hasOwn(value, step.name)) return [null];
  const member = value[step.name] ?? null;
  if (!step.each) return valuesAt(member, rest);
  return Array.isArray(member) ? member.flatMap((item) => valuesAt(item, rest)) : [null];
}

/** Letters alone, in capitals; null for what is no name of a currency. */
function textOf(template: Template, args: JsonObject): string | null {
  let text = '';
  for (const part of template) {
    if (typeof part === 'string') text += part;
    else {
      let value: Json = args;
      for (const name of part.path)
        value = isJsonObject(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null;
      if (typeof value !== 'string') return null;
      text += value;
    }
  }
  return /^[A-Za-z]{1,12}$/.test(text) ? text.toUpperCase() : null;
}
