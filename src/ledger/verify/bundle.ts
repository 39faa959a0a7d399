import { isJsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { BUNDLE_FORMAT } from '../../contract/log-entry.ts';
import { parseVerifierKey, type VerifierKey } from '../note.ts';
import { readWitnessed } from '../witnessed.ts';
import { type Line, LineDecoder } from './lines.ts';
import { LogCheck } from './log-check.ts';
import { readPrinted } from './read-entry.ts';
import type { Report } from './report.ts';
import { hashLeaf } from './root.ts';

export interface BundleOptions {
  /** The key that must have signed. Without it the one in the header is trusted: integrity, not origin. */
  readonly key?: VerifierKey;
  /** A text of notes that were kept elsewhere (docs/formats/witness.md), read with the key that is believed. */
  readonly against?: string;
  /** Also reads what the entries mean. */
  readonly deep?: boolean;
}

/**
 * Verifies an exported bundle (`lanyard-log/1`) with nothing but its bytes, cut anyhow. Never throws for what the bytes
 * hold. Memory does not grow with the bundle.
 */
export async function verifyBundle(
  chunks: AsyncIterable<Uint8Array | string>,
  options: BundleOptions = {},
): Promise<Report> {
  const check = new LogCheck(options.deep ?? false);
  const decoder = new LineDecoder(LIMITS.bundleLineBytes);
  let headerRead = false;
  const see = (line: Line): boolean => {
    if (line.kind === 'bad') {
      check.faults.add(
        'not-an-entry',
        check.size,
        `the bundle cannot be read ${check.size === 0 ? 'from its beginning' : `behind entry ${check.size - 1}`}: ${line.what}`,
      );
      return false;
    }
    if (headerRead) return checkLine(check, line.text);
    headerRead = true;
    return readHeader(check, line.text, options);
  };
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : asBuffer(chunk);
    for (const line of decoder.push(bytes)) if (!see(line)) return check.finish(false);
  }
  for (const line of decoder.flush()) if (!see(line)) return check.finish(false);
  if (!headerRead) check.faults.add('bad-header', null, 'the bundle is empty');
  return check.finish(false);
}

/** Answers whether there is a point in reading on. */
function readHeader(check: LogCheck, line: string, { key: given, against }: BundleOptions): boolean {
  const header = parseHeader(line);
  if (typeof header === 'string') {
    check.faults.add('bad-header', null, header);
    return false;
  }
  const named = parseVerifierKey(header.key);
  if (!named.ok) {
    check.faults.add('bad-header', null, `the bundle's key is none: ${named.error}`);
    return false;
  }
  if (given !== undefined && given.line !== named.value.line) {
    check.faults.add(
      'wrong-key',
      null,
      `the bundle names another key than the one given: ${named.value.name}, ${named.value.fingerprint}`,
    );
  }
  if (against !== undefined) check.holdAgainst(readWitnessed(against, given ?? named.value).checkpoints);
  const usable = check.useCheckpoint(header.checkpoint, given ?? named.value, given !== undefined);
  if (usable && check.checkpoint?.origin !== header.origin) {
    check.faults.add('bad-header', null, 'the bundle names another origin than its checkpoint');
  }
  return true;
}

function parseHeader(line: string): { origin: string; key: string; checkpoint: string } | string {
  let header: unknown;
  try {
    header = JSON.parse(line);
  } catch {
    return 'the first line is not JSON';
  }
  if (!isJsonObject(header) || header['format'] !== BUNDLE_FORMAT) {
    return `the first line is not the header of a ${BUNDLE_FORMAT} bundle`;
  }
  const { origin, key, checkpoint } = header;
  if (typeof origin !== 'string' || typeof key !== 'string' || typeof checkpoint !== 'string') {
    return 'the header names no origin, key or checkpoint';
  }
  return { origin, key, checkpoint };
}

function checkLine(check: LogCheck, line: string): true {
  const place = check.size;
  const parts = readPrinted(line, check.wantsMembers(line));
  if (parts === null) {
    check.faults.add('not-canonical', place, `line ${place + 2} is no entry in canonical form with its leaf`);
    // Whatever stands here has a place in the tree, and it is not the one that was signed.
    check.seeUnreadable(hashLeaf(line));
    return true;
  }
  const leaf = hashLeaf(parts.text);
  if (Buffer.from(leaf, 'latin1').toString('base64') !== parts.leaf) {
    check.faults.add('changed', place, `the text of entry ${place} is not the one its leaf was made of`);
  }
  check.see(parts.seq, leaf, parts.members);
  return true;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
