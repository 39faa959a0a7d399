import { fault } from './fault.ts';
import { type Long, toLong } from './integers.ts';

/** Cedar's decimal: a 64-bit count of ten-thousandths. */
export class Decimal {
  readonly units: Long;
  constructor(units: Long) {
    this.units = units;
  }
  key(): string {
    return `d${this.units}`;
  }
  toString(): string {
    const units = BigInt(this.units);
    const magnitude = units < 0n ? -units : units;
    const fraction = String(magnitude % 10_000n)
      .padStart(4, '0')
      .replace(/0{1,3}$/, '');
    return `${units < 0n ? '-' : ''}${magnitude / 10_000n}.${fraction}`;
  }
}

const PATTERN = /^(-?)([0-9]+)\.([0-9]{1,4})$/;

export function parseDecimal(text: string): Decimal {
  const units = decimalUnits(text);
  return units === undefined ? fault('this is not a decimal') : new Decimal(units);
}

function decimalUnits(text: string): Long | undefined {
  const parts = PATTERN.exec(text);
  if (parts === null || text.length > 64) return undefined;
  const magnitude = BigInt(`${parts[2]}${(parts[3] ?? '').padEnd(4, '0')}`);
  return toLong(parts[1] === '-' ? -magnitude : magnitude);
}

/** The decimal of a JSON number, undefined where a decimal cannot hold its shortest text exactly. */
export function decimalOf(value: number): Decimal | undefined {
  if (Math.abs(value) < 1e11) {
    // Here doubles lie closer together than ten-thousandths: the nearest of those is the only one it can be.
    const units = Math.round(value * 10_000);
    return units / 10_000 === value ? new Decimal(units + 0) : undefined;
  }
  const text = Number.isFinite(value) ? String(value) : '';
  const units = decimalUnits(text.includes('.') ? text : `${text}.0`);
  return units === undefined ? undefined : new Decimal(units);
}
