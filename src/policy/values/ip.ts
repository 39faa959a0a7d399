import { fault } from './fault.ts';

/** Cedar's ipaddr: an address with a prefix length. Equal only with equal address and prefix. */
export class Ip {
  readonly bits: 32 | 128;
  readonly address: bigint;
  readonly prefix: number;
  constructor(bits: 32 | 128, address: bigint, prefix: number) {
    this.bits = bits;
    this.address = address;
    this.prefix = prefix;
  }
  key(): string {
    return `i${this.bits}:${this.address}/${this.prefix}`;
  }
  isLoopback(): boolean {
    return this.bits === 32
      ? this.prefix >= 8 && this.address >> 24n === 127n
      : this.prefix === 128 && this.address === 1n;
  }
  isMulticast(): boolean {
    return this.bits === 32
      ? this.prefix >= 4 && this.address >> 28n === 0xen
      : this.prefix >= 8 && this.address >> 120n === 0xffn;
  }
  /** Whether every address of this range lies in the other; false across families. */
  isInRange(outer: Ip): boolean {
    if (this.bits !== outer.bits || this.prefix < outer.prefix) return false;
    const hostBits = BigInt(outer.bits - outer.prefix);
    return this.address >> hostBits === outer.address >> hostBits;
  }
}

const LONGEST = 43;

export function parseIp(text: string): Ip {
  return read(text) ?? fault('this is not an IP address');
}

function read(text: string): Ip | undefined {
  if (text.length > LONGEST) return undefined;
  const slash = text.indexOf('/');
  const addressText = slash < 0 ? text : text.slice(0, slash);
  const four = readV4(addressText);
  const bits = four === undefined ? 128 : 32;
  const address = four ?? readV6(addressText);
  if (address === undefined) return undefined;
  const prefix = slash < 0 ? bits : readPrefix(text.slice(slash + 1), bits);
  return prefix === undefined ? undefined : new Ip(bits, address, prefix);
}

function readPrefix(text: string, bits: 32 | 128): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(text)) return undefined;
  const prefix = Number(text);
  return prefix <= bits ? prefix : undefined;
}

function readV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let address = 0n;
  for (const part of parts) {
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    address = address * 256n + BigInt(part);
  }
  return address;
}

/** RFC 4291 §2.2 forms 1 and 2; the form with an embedded IPv4 address is no ipaddr in Cedar. */
function readV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const count = groups.reduce((sum, half) => sum + half.length, 0);
  if (halves.length === 1 ? count !== 8 : count > 7) return undefined;
  const filled = [...(groups[0] ?? []), ...Array<string>(8 - count).fill('0'), ...(groups[1] ?? [])];
  let address = 0n;
  for (const group of filled) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    address = address * 65_536n + BigInt(`0x${group}`);
  }
  return address;
}
