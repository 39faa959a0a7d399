import { Buffer as ForBrowsers } from 'buffer/';

/**
 * What the verifier takes from node:buffer, for browsers. One thing that Node knows and this package does not is
 * base64url, by which the verifier of src/ledger reads keys and signatures.
 */
const baseText = ForBrowsers.prototype.toString;
ForBrowsers.prototype.toString = function (this: ForBrowsers, encoding?: string, from?: number, to?: number) {
  if (encoding !== 'base64url') return baseText.call(this, encoding, from, to);
  return baseText.call(this, 'base64', from, to).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
};
const from = ForBrowsers.from.bind(ForBrowsers) as (...given: unknown[]) => ForBrowsers;
Object.assign(ForBrowsers, {
  from: (value: unknown, encoding?: unknown, length?: unknown) =>
    // Its base64 takes both alphabets.
    from(value, encoding === 'base64url' ? 'base64' : encoding, length),
});

/** Well-formed UTF-8, as Node's own has it. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

export function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}

export { ForBrowsers as Buffer };
