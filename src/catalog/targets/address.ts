/**
 * Which addresses of the internet protocol anybody's machine has under the same name: what is public. Everything else
 * leads to this machine, into the house, to the cloud's own services, or says another address in disguise.
 */

type Net = readonly [base: string, bits: number];

/** IANA's special-purpose registries (RFC 6890 and its updates), and the services that clouds keep at public addresses. */
const NOT_PUBLIC_4: readonly Net[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  // 6to4 relays (RFC 7526).
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's wire server: every virtual machine there reaches it, nobody else does.
  ['168.63.129.16', 32],
];

/** Of 2000::/3, in which all that is global lies: Teredo and other protocol uses, documentation, 6to4. */
const NOT_PUBLIC_6: readonly Net[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

/** Whether an address, as a resolver gives it, is public. What cannot be read is not. */
export function isPublicAddress(address: string): boolean {
  const four = bitsOf4(address);
  if (four !== null) return !NOT_PUBLIC_4.some((net) => lies(four, 32, net, bitsOf4));
  const six = bitsOf6(address);
  if (six === null || !lies(six, 128, ['2000::', 3], bitsOf6)) return false;
  return !NOT_PUBLIC_6.some((net) => lies(six, 128, net, bitsOf6));
}

/** Whether a host, as rules see it, is an address and no name. */
export function isAddress(host: string): boolean {
  return bitsOf4(host) !== null || bitsOf6(host.replace(/^\[|\]$/g, '')) !== null;
}

function lies(
  value: bigint,
  width: number,
  [base, bits]: Net,
  read: (text: string) => bigint | null,
): boolean {
  const shift = BigInt(width - bits);
  return value >> shift === (read(base) ?? -1n) >> shift;
}

function bitsOf4(text: string): bigint | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return null;
  return parts.reduce((all, part) => (all << 8n) | BigInt(part), 0n);
}

/** By way of WHATWG URL, which writes every form of one address the same way: eight groups, the longest zeros as `::`. */
function bitsOf6(text: string): bigint | null {
  if (!text.includes(':') || !URL.canParse(`http://[${text}]/`)) return null;
  const [head = '', tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return groups.reduce((all, group) => (all << 16n) | BigInt(Number.parseInt(group, 16)), 0n);
}
