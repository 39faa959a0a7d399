import { err, ok, type Result } from '../../base/result.ts';

/** One item of `witness:` as a person writes it. */
type WitnessSetting = string | { readonly url: string; readonly reason: string };

/** Where checkpoints are sent. `label` is what a person is shown. */
export type WitnessPlace =
  | { readonly kind: 'file'; readonly label: string; readonly path: string }
  | { readonly kind: 'web'; readonly label: string; readonly url: string };

/**
 * `file:PATH` or `https://…`. Plain http is taken for loopback alone, and only with a reason beside it: anybody on the
 * way could answer in the witness's place. `resolvePath` makes a path absolute. The error says what is wrong.
 */
export function readPlace(
  setting: WitnessSetting,
  resolvePath: (path: string) => string,
): Result<WitnessPlace, string> {
  const text = typeof setting === 'string' ? setting : setting.url;
  if (text.startsWith('file:')) {
    const path = text.slice('file:'.length);
    if (path === '' || path.startsWith('//')) return err('is file:PATH, without slashes before the path');
    const slash = path.endsWith('/') ? '/' : '';
    return ok({ kind: 'file', label: text, path: resolvePath(path) + slash });
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['https:', 'http:'].includes(url.protocol))
    return err('must be file:PATH or an https address');
  if (url.username !== '' || url.password !== '') return err('must not hold a name or password');
  if (url.protocol === 'https:') return ok({ kind: 'web', label: text, url: url.href });
  if (!/^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(url.hostname))
    return err('must be https: on the way, anybody could take checkpoints out and answer instead');
  if (typeof setting === 'string')
    return err('is plain http; write `{ url: …, reason: … }` and say why that is enough here');
  return ok({ kind: 'web', label: text, url: url.href });
}
