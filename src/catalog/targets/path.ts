import { posix } from 'node:path';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Target, TargetRef } from '../../model/action.ts';
import type { FileView } from '../files.ts';

/**
 * The one normaliser of paths: from what a caller wrote to the real path that is decided on and sent. The error is
 * the rest of a sentence that begins with the argument's name.
 *
 * A plain path is never percent-decoded (server-filesystem decodes nothing: `50%.txt` and `%2eenv` are names), a
 * `file:` URI once. What different programs read differently is refused and not guessed at: `~` (server-filesystem
 * and shells expand it), a drive letter, `..` behind a link (lexical for Node, physical for the kernel).
 *
 * @param base the directory that relative paths start from, absolute and real.
 */
export function resolvePath(text: string, base: string, files: FileView): Result<string, string> {
  const plain = /^file:/i.test(text) ? readFileUri(text) : ok(text);
  if (!plain.ok) return plain;
  const fault = findFault(plain.value);
  if (fault !== null) return err(fault);
  const absolute = plain.value.startsWith('/') ? plain.value : `${base}/${plain.value}`;
  const segments = absolute.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (absolute.length > LIMITS.targetIdLength || segments.length > LIMITS.pathDepth)
    return err(
      `is a path of more than ${LIMITS.targetIdLength} characters or ${LIMITS.pathDepth} directories`,
    );

  const lexical = resolveReal(withoutTrailingSlash(posix.normalize(absolute)), files);
  if (!lexical.ok || !segments.includes('..')) return lexical;
  const physical = resolveReal(walk(segments, files), files);
  if (physical.ok && physical.value === lexical.value) return lexical;
  return err('has `..` behind a link, which programs read differently; name the directory itself');
}

function findFault(path: string): string | null {
  if (path === '') return 'is empty; write "." for the directory itself';
  if (path.includes('\0')) return 'holds a NUL character';
  if (!path.isWellFormed()) return 'holds half of a surrogate pair';
  if (path === '~' || path.startsWith('~/'))
    return 'begins with ~, which programs read differently; write the directory out';
  if (/^[A-Za-z]:([\\/]|$)/.test(path)) return 'is a path of another operating system';
  return null;
}

/**
 * RFC 8089, read as WHATWG URL does, and decoded once. A host names another machine; an encoded slash or NUL would be
 * a separator to some programs and part of a name to others; a query or fragment has no meaning for a file.
 */
function readFileUri(text: string): Result<string, string> {
  if (/[\0-\x20\x7f\\]/.test(text))
    return err('is a file: URI with a space, backslash or control character; encode it');
  if (/[?#]/.test(text)) return err('is a file: URI with a query or fragment; encode ? and # in names');
  if (!/^file:\//i.test(text) || !URL.canParse(text))
    return err('is no valid file: URI; write file:///directory/name');
  const uri = new URL(text);
  if (uri.host !== '') return err(`is a file: URI on another machine, ${uri.host}`);
  if (/%(2f|00|5c)/i.test(uri.pathname)) return err('is a file: URI with an encoded slash, backslash or NUL');
  try {
    return ok(decodeURIComponent(uri.pathname));
  } catch {
    return err('is a file: URI whose encoding is not UTF-8');
  }
}

/** `..` as the kernel takes it: up from where the links so far have led. Below what is missing there are no links. */
function walk(segments: readonly string[], files: FileView): string {
  let here = '/';
  let missing = 0;
  for (const segment of segments) {
    if (segment === '..') {
      here = posix.dirname(here);
      missing = Math.max(0, missing - 1);
      continue;
    }
    const next = posix.join(here, segment);
    const real = missing > 0 ? null : files.realpath(next);
    if (real === null) missing++;
    here = real ?? next;
  }
  return here;
}

/** The real path of what exists; for what does not, the real path of its nearest existing directory and the rest. */
function resolveReal(path: string, files: FileView): Result<string, string> {
  const real = files.realpath(path);
  if (real !== null) return checkReal(real);
  const segments = path.split('/').slice(1);
  const depth = existingDepth(segments, files);
  const parent = depth === null ? null : files.realpath(prefixOf(segments, depth));
  if (depth === null || parent === null)
    return err('cannot be found: the root of the file system cannot be looked at');
  // A link that leads nowhere would be followed by whoever creates the file: it is not a new name.
  if (files.present(prefixOf(segments, depth + 1)))
    return err('leads through a link to nowhere, or what cannot be looked at');

  const [first = '', ...rest] = segments.slice(depth);
  const spelling = findSpelling(first, parent, files);
  if (!spelling.ok) return spelling;
  if (spelling.value !== first) return resolveReal(posix.join(parent, spelling.value, ...rest), files);
  return checkReal(posix.join(parent, first, ...rest));
}

const prefixOf = (segments: readonly string[], depth: number): string =>
  `/${segments.slice(0, depth).join('/')}`;

/**
 * How many of the segments exist, given that not all do. What lies below something missing is missing too, so after
 * the usual case (a new name in a directory) the place is found by halving: a hostile path costs a few looks.
 */
function existingDepth(segments: readonly string[], files: FileView): number | null {
  let [low, high] = [0, segments.length];
  let middle = high - 1;
  while (low < high) {
    if (files.realpath(prefixOf(segments, middle)) === null) high = middle;
    else low = middle + 1;
    middle = (low + high) >> 1;
  }
  return low === 0 ? null : low - 1;
}

/**
 * A name that does not exist but is another Unicode spelling (é as one character or as two) of one that does:
 * server-filesystem, and some file systems, take the one for the other, so a rule about the existing file must meet it.
 */
function findSpelling(name: string, directory: string, files: FileView): Result<string, string> {
  if (IS_ITS_OWN_SPELLING.test(name)) return ok(name);
  const names = files.names(directory);
  if (names === null)
    return err('stands in a directory that cannot be listed, and may be another spelling of a name there');
  const same = names.filter((other) => other.normalize('NFC') === name.normalize('NFC'));
  if (same.length > 1)
    return err('is another spelling of several names that exist; write it as the directory lists it');
  return ok(same[0] ?? name);
}

/**
 * ASCII alone, but for the three characters that others are a spelling of: the Kelvin sign is a K, the Greek question mark
 * a semicolon, the Greek varia a grave accent.
 */
const IS_ITS_OWN_SPELLING = /^(?:(?![K;`])[\0-\x7f])*$/;

/** A name whose bytes are no UTF-8 arrives here with U+FFFD for them, and would then be sent as another name. */
function checkReal(path: string): Result<string, string> {
  if (path.includes('\ufffd')) return err('leads to a name that is not UTF-8');
  if (path.length > LIMITS.targetIdLength)
    return err(`leads to a path of more than ${LIMITS.targetIdLength} characters`);
  return ok(path);
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** A resolved path as a target: its parents are all directories above it. */
export function pathTarget(path: string): Target {
  const ancestors: TargetRef[] = [];
  for (let here = path; here !== '/'; ) {
    here = posix.dirname(here);
    ancestors.push({ type: 'Path', id: here });
  }
  return { type: 'Path', id: path, ancestors, attributes: { id: path, name: posix.basename(path) } };
}

/** The `file:` URI of an absolute path: everything but unreserved characters and slashes encoded. */
export function fileUriOf(path: string): string {
  return `file://${path.split('/').map(encodeURIComponent).join('/')}`;
}
