import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Target } from '../../model/action.ts';
import { isAddress } from './address.ts';
import { resolveUrl } from './url.ts';

/** A mail address as a target, and the text that is sent in place of what was written. */
interface ResolvedMail {
  readonly target: Target;
  readonly sent: string;
}

const ATOM = String.raw`[\p{L}\p{N}\p{M}#$&'*+/=?^_{|}~\x60-]+`;
const ALONE = new RegExp(String.raw`^(${ATOM}(?:\.${ATOM})*)@([\p{L}\p{N}\p{M}.-]+)$`, 'u');
/** A name before it: none of the characters by which one list of addresses would become another. */
const NAMED = /^[^<>"(),:;@\\[\]\p{Cc}\p{Cf}]*<([^<>]*)>$/u;

/**
 * The one normaliser of mail addresses: one address, in small letters, its domain as names are looked up. A name before it
 * (`Bob <bob@example.org>`) is left out of what is decided on and of what is sent. All else that mail programs read in more
 * ways than one is refused: several addresses in one text, groups, comments, quotes, routes (`%` and `!` among them), addresses of machines. What
 * stands behind a `+` and the dots in a local part belong to it; whether they make another mailbox is its host's business.
 * What is sent keeps the caller's letters before the @. The error is the rest of a sentence that begins with the argument's name.
 */
export function resolveMail(text: string): Result<ResolvedMail, string> {
  if (text.length > LIMITS.targetIdLength) return err(`is longer than ${LIMITS.targetIdLength} characters`);
  const alone = NAMED.exec(text)?.[1] ?? text;
  const [, local, domain] = ALONE.exec(alone.normalize('NFC')) ?? [];
  if (local === undefined || domain === undefined)
    return err('is no mail address by itself; write one for each, like bob@example.org');
  const url = resolveUrl(`http://${domain}/`);
  const host = url.ok ? (url.value.attributes['host'] ?? '') : '';
  if (host === '' || isAddress(host)) return err('is a mail address whose domain is none');
  const id = `${local.toLowerCase().normalize('NFC')}@${host}`;
  return ok({
    sent: `${local}@${host}`,
    target: { type: 'MailAddress', id, ancestors: [], attributes: { id, domain: host } },
  });
}
