import { randomBytes } from 'node:crypto';

/** A secret that exists only for one run of doctor: random, with characters that encoders treat differently. */
export function canarySecret(): string {
  return `${randomBytes(9).toString('hex')}/+"ü ${randomBytes(6).toString('hex')}`;
}

/** The same as bearer headers may carry it: visible ASCII. */
export function canaryHeaderSecret(): string {
  return `${randomBytes(12).toString('hex')}+/${randomBytes(6).toString('hex')}`;
}

/** A secret in the forms in which a server or a model is likely to answer it. */
export function formsOf(secret: string): Readonly<Record<string, string>> {
  const bytes = Buffer.from(secret, 'utf8');
  const json = JSON.stringify(secret).slice(1, -1);
  return {
    'as it is': secret,
    hex: bytes.toString('hex'),
    base64: bytes.toString('base64'),
    'base64 of a longer text': Buffer.from(`x=${secret};`, 'utf8').toString('base64'),
    base64url: bytes.toString('base64url'),
    'URL-encoded': encodeURIComponent(secret),
    'URL-encoded twice': encodeURIComponent(encodeURIComponent(secret)),
    'JSON within JSON': JSON.stringify(json).slice(1, -1),
  };
}

/** In which of its forms a secret stands in a text. Base64 of a longer text is looked for by its middle. */
export function foundIn(text: string, secret: string): string[] {
  return Object.entries(formsOf(secret)).flatMap(([form, written]) => {
    const core = form === 'base64 of a longer text' ? written.slice(4, -6) : written.replace(/=+$/, '');
    return text.includes(core) ? [form] : [];
  });
}
