import { fault } from './fault.ts';

/**
 * Cedar's Long, a signed 64-bit integer, exactly: a `number` while it is safe, a `bigint` beyond. Always normalised
 * to the first where possible, never -0, so that equal Longs are identical.
 */
export type Long = number | bigint;

const I64_MIN = -(2n ** 63n);
const I64_MAX = 2n ** 63n - 1n;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export function isLong(value: unknown): value is Long {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** The Long of an exact integer, undefined where it does not fit 64 bits. */
export function toLong(exact: bigint): Long | undefined {
  if (exact >= -SAFE && exact <= SAFE) return Number(exact);
  return exact >= I64_MIN && exact <= I64_MAX ? exact : undefined;
}

/** The Long of a JSON number within ±2^53, undefined for any other: what lies beyond may have been rounded. */
export function longOf(value: number): Long | undefined {
  if (Number.isSafeInteger(value)) return value + 0;
  return Math.abs(value) === 2 ** 53 ? BigInt(value) : undefined;
}

function narrow(exact: bigint): Long {
  return toLong(exact) ?? fault('integer overflow');
}

// A double result that is a safe integer is exact: a true result beyond 2^53 never rounds to below it. `+ 0` ends -0.
export function add(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum + 0;
  }
  return narrow(BigInt(a) + BigInt(b));
}

export function subtract(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference + 0;
  }
  return narrow(BigInt(a) - BigInt(b));
}

export function multiply(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return narrow(BigInt(a) * BigInt(b));
}

export function negate(a: Long): Long {
  return subtract(0, a);
}

/** Towards zero, as Rust divides. */
export function divide(a: Long, divisor: number): Long {
  if (typeof a === 'number') return Math.trunc(a / divisor) + 0;
  return narrow(a / BigInt(divisor));
}
