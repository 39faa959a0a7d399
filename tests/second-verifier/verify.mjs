/**
 * A second verifier of Lanyard's logs, written from docs/formats/log.md alone; it shares no code with src/. Section
 * numbers are those of that page. It needs node:crypto for SHA-256 and Ed25519, and nothing else.
 *
 *   node tests/second-verifier/verify.mjs BUNDLE [--key FILE] [--against FILE] [--deep]     exits 0 or 3
 */
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const MOST_LINE_BYTES = 33_554_432;
const MOST_NOTE_LENGTH = 131_072;
const MOST_SIGNATURES = 64;
const MOST_DEPTH = 1000;

/** Verifies the bytes of a bundle. `key`: a verifier-key line; `against`: texts of notes kept elsewhere. */
export function verifyBundle(bytes, { key, against = [], deep = false } = {}) {
  const why = [];
  let firstBroken = null;
  const fail = (what, entry = null) => {
    why.push(what);
    if (entry !== null && (firstBroken === null || entry < firstBroken)) firstBroken = entry;
  };
  const verdict = () => ({ holds: why.length === 0, firstBroken, why });

  const lines = linesOf(bytes);
  const head = lines.next();
  if (head.done || head.value === null) {
    fail('there is no header that can be read');
    return verdict();
  }
  const header = readHeader(head.value);
  const named = header === null ? null : readKey(header.key);
  if (named === null) {
    fail('the header, or its key, is none');
    return verdict();
  }
  if (key !== undefined && key !== header.key) fail('the header names another key');
  const believed = key === undefined ? named : readKey(key);
  const checkpoint = believed === null ? null : readCheckpoint(header.checkpoint, believed);
  if (checkpoint === null) fail('the checkpoint is none, or not by that key');
  else if (checkpoint.origin !== header.origin) fail('the header names another origin');

  const tree = new Tree();
  const meaning = deep ? new Meaning() : null;
  const witnessed = readWitnessed(against, believed);
  const roots = new Map();
  const sizes = new Set([checkpoint?.size, ...witnessed.notes.map(({ size }) => size)]);
  const lookAtRoot = () => {
    if (sizes.has(tree.size)) roots.set(tree.size, tree.root());
  };
  lookAtRoot();
  let expected = 0;
  for (const line of lines) {
    const place = tree.size;
    if (line === null) {
      fail('a line cannot be read', place);
      break;
    }
    const printed = readPrinted(line);
    if (printed === null) {
      fail(`line ${place + 2} is no printed entry`, place);
      expected += 1;
      tree.append(leafOf(line));
    } else {
      const leaf = leafOf(printed.text);
      if (leaf.toString('base64') !== printed.leaf) fail(`the leaf of entry ${place} is not its own`, place);
      if (printed.seq > expected) fail(`entry ${expected} is missing`, expected);
      if (printed.seq < expected) fail(`entry ${printed.seq} stands again, or late`, printed.seq);
      if (printed.seq >= expected) expected = printed.seq + 1;
      meaning?.see(printed.members, place, fail);
      tree.append(leaf);
    }
    lookAtRoot();
  }
  if (checkpoint !== null) {
    if (tree.size < checkpoint.size) fail(`it ends before its checkpoint`, tree.size);
    if (tree.size > checkpoint.size) fail(`it goes on behind its checkpoint`, checkpoint.size);
    const root = roots.get(checkpoint.size);
    if (root !== undefined && !root.equals(checkpoint.root)) fail('the entries do not give the root');
  }
  compareWitnessed(witnessed, against.length > 0, tree.size, roots, fail);
  return { ...verdict(), size: tree.size, ...(meaning === null ? {} : { open: meaning.open() }) };
}

// ── §5: lines and header ──

/** The lines as text; null for one that cannot be read. */
function* linesOf(bytes) {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let from = 0;
  while (from < bytes.length) {
    const feed = bytes.indexOf(0x0a, from);
    const to = feed < 0 ? bytes.length : feed;
    if (to - from > MOST_LINE_BYTES) {
      yield null;
      return;
    }
    try {
      yield decoder.decode(bytes.subarray(from, to));
    } catch {
      yield null;
      return;
    }
    from = to + 1;
  }
}

function readHeader(line) {
  let value;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isObject(value) || value.format !== 'lanyard-log/1') return null;
  const wanted = [value.origin, value.key, value.checkpoint];
  return wanted.every((one) => typeof one === 'string') ? value : null;
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

// ── §1: entries ──

/** A printed entry taken apart; null where the line is none. */
function readPrinted(line) {
  let members;
  try {
    members = JSON.parse(line);
    if (!isObject(members) || jcs(members) !== line) return null;
  } catch {
    return null;
  }
  const leaf = members.leaf;
  if (typeof leaf !== 'string' || leaf.length !== 44) return null;
  if (!Number.isSafeInteger(members.seq) || members.seq < 0) return null;
  const rest = new Map(Object.entries(members));
  rest.delete('leaf');
  return { members, leaf, seq: members.seq, text: jcsOfMembers(rest, 0) };
}

/** RFC 8785. Throws for what has no such form. */
function jcs(value, depth = 0) {
  if (depth > MOST_DEPTH) throw new RangeError('too deep');
  if (Array.isArray(value)) return `[${value.map((item) => jcs(item, depth + 1)).join(',')}]`;
  if (isObject(value)) return jcsOfMembers(new Map(Object.entries(value)), depth);
  if (typeof value === 'string') return jcsOfString(value);
  return JSON.stringify(value);
}

function jcsOfMembers(members, depth) {
  const names = [...members.keys()].sort();
  return `{${names.map((name) => `${jcsOfString(name)}:${jcs(members.get(name), depth + 1)}`).join(',')}}`;
}

/** §3.2.2.2: only the quote, the backslash and control characters are escaped; a lone surrogate is an error. */
function jcsOfString(text) {
  let out = '"';
  for (const character of text) {
    const code = character.codePointAt(0);
    if (code >= 0xd800 && code <= 0xdfff) throw new TypeError('a lone surrogate');
    out += ESCAPES[character] ?? (code < 0x20 ? `\\u${code.toString(16).padStart(4, '0')}` : character);
  }
  return `${out}"`;
}

const ESCAPES = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

// ── §1, §2: hashes ──

function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const leafOf = (text) => sha256(Buffer.of(0), Buffer.from(text, 'utf8'));

/** Roots of perfect subtrees by their height; a new leaf carries, as one is added to a binary number. */
class Tree {
  size = 0;
  #peaks = [];

  append(leaf) {
    let carried = leaf;
    let height = 0;
    for (; this.#peaks[height] !== undefined; height++) {
      carried = sha256(Buffer.of(1), this.#peaks[height], carried);
      this.#peaks[height] = undefined;
    }
    this.#peaks[height] = carried;
    this.size += 1;
  }

  root() {
    let right;
    for (const peak of this.#peaks) {
      if (peak === undefined) continue;
      right = right === undefined ? peak : sha256(Buffer.of(1), peak, right);
    }
    return right ?? sha256();
  }
}

// ── §3, §4: keys, notes, checkpoints ──

/** Strict base64; null otherwise. */
function base64(text) {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) || text === '')
    return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

const isName = (name) => name.length > 0 && !/[\s+\p{Cc}]/u.test(name) && name.isWellFormed();

function readKey(line) {
  const match = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(line);
  if (match === null) return null;
  const [, name, id, encoded] = match;
  const bytes = base64(encoded);
  if (!isName(name) || bytes === null || bytes.length !== 33 || bytes[0] !== 1) return null;
  if (sha256(Buffer.from(`${name}\n`, 'utf8'), bytes).toString('hex', 0, 4) !== id) return null;
  const x = bytes.subarray(1).toString('base64url');
  return { name, id, publicKey: createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } }) };
}

/** The text of a note by that key; null where it is none. */
function openNote(note, key) {
  if (note.length > MOST_NOTE_LENGTH || !note.isWellFormed()) return null;
  for (let i = 0; i < note.length; i++) if (note.charCodeAt(i) < 0x20 && note[i] !== '\n') return null;
  const blank = note.lastIndexOf('\n\n');
  if (blank < 1 || !note.endsWith('\n')) return null;
  const text = note.slice(0, blank + 1);
  const lines = note
    .slice(blank + 2)
    .split('\n')
    .slice(0, -1);
  if (lines.length < 1 || lines.length > MOST_SIGNATURES) return null;
  let signed = false;
  for (const line of lines) {
    const match = /^\u2014 (\S+) (\S+)$/u.exec(line);
    const bytes = match === null ? null : base64(match[2]);
    if (bytes === null || bytes.length < 5 || !isName(match[1])) return null;
    if (match[1] !== key.name || bytes.toString('hex', 0, 4) !== key.id) continue;
    if (!verifySignature(null, Buffer.from(text, 'utf8'), key.publicKey, bytes.subarray(4))) return null;
    signed = true;
  }
  return signed ? text : null;
}

function readCheckpoint(note, key) {
  const text = openNote(note, key);
  if (text === null) return null;
  const lines = text.split('\n').slice(0, -1);
  if (lines.length < 3 || lines.includes('')) return null;
  const [origin, decimal, encoded] = lines;
  const root = base64(encoded);
  const size = /^(0|[1-9][0-9]*)$/.test(decimal) ? Number(decimal) : Number.NaN;
  if (/\p{Cc}/u.test(origin) || !Number.isSafeInteger(size) || root === null || root.length !== 32)
    return null;
  return { origin, size, root };
}

// ── witness.md: what was kept elsewhere ──

/** Paragraphs parted by empty lines: signature lines, and before them the text they sign. */
function readWitnessed(texts, key) {
  const notes = [];
  let strange = 0;
  for (const file of texts) {
    const paragraphs = file.split(/\n\n+/).map((one) => one.replace(/^\n+|\n+$/g, ''));
    for (const [i, signatures] of paragraphs.entries()) {
      const text = paragraphs[i - 1] ?? '';
      if (!signatures.startsWith('\u2014 ') || text === '' || text.startsWith('\u2014 ')) continue;
      const note = key === null ? null : readCheckpoint(`${text}\n\n${signatures}\n`, key);
      if (note === null) strange += 1;
      else notes.push(note);
    }
  }
  return { notes, strange };
}

function compareWitnessed({ notes }, asked, size, roots, fail) {
  if (!asked) return;
  if (notes.length === 0) fail('no checkpoint kept elsewhere is of this log');
  const wrong = [];
  for (const note of notes) {
    if (note.size > size) fail(`elsewhere it had ${note.size} entries; here it has ${size}`, size);
    else if (roots.get(note.size)?.equals(note.root) !== true) wrong.push(note.size);
  }
  if (wrong.length === 0) return;
  const first = Math.min(...wrong);
  const from = Math.max(
    0,
    ...notes.filter((n) => n.size < first && !wrong.includes(n.size)).map((n) => n.size),
  );
  fail(`of the first ${first} entries elsewhere another root is kept`, from);
}

// ── §6: what entries mean ──

class Meaning {
  #open = new Map();
  #ended = new Set();
  #grants = new Map();
  #uses = new Map();

  see(entry, place, fail) {
    if (entry.kind === 'grant.given') {
      const { agent, operation, times, expires } = entry;
      this.#grants.set(entry.grant, { agent, operation, left: times, until: Date.parse(expires) });
    }
    if (entry.kind === 'grant.revoked' || entry.kind === 'grant.ended') this.#grants.delete(entry.grant);
    if (entry.kind === 'grant.spent') this.#spent(entry, place, fail);
    if (entry.kind === 'action.decided') this.#decided(entry, place, fail);
    if (entry.kind === 'action.continued' && !this.#open.has(entry.action))
      fail(`entry ${place} continues what is not open`, place);
    if (entry.kind === 'action.outcome') {
      if (this.#open.delete(entry.action)) this.#ended.add(entry.action);
      else fail(`entry ${place} ends what is not open`, place);
    }
  }

  open() {
    return [...this.#open.keys()];
  }

  #spent({ grant, action, agent, operation, at }, place, fail) {
    const open = this.#grants.get(grant);
    const fits = open !== undefined && open.agent === agent && open.operation === operation;
    const inTime = fits && Date.parse(at) <= open.until + 60_000;
    if (inTime && open.left >= 1) open.left -= 1;
    else fail(`entry ${place} uses what is not granted, or no more`, place);
    this.#uses.set(action, grant);
  }

  #decided(entry, place, fail) {
    if (typeof entry.action !== 'string') {
      fail(`entry ${place} decides no action`, place);
      return;
    }
    if (entry.digest !== undefined && entry.digest !== digestOf(entry))
      fail(`the digest in entry ${place} is not that of its members`, place);
    if (entry.decision !== 'allow') return;
    if (entry.grant !== undefined) {
      if (this.#uses.get(entry.action) !== entry.grant) fail(`entry ${place} has no use of its grant`, place);
      this.#uses.delete(entry.action);
    }
    if (this.#open.has(entry.action) || this.#ended.has(entry.action))
      fail(`entry ${place} allows what was allowed before`, place);
    this.#open.set(entry.action, place);
  }
}

function digestOf({ agent = null, argumentsDigest = null, operation = null, pin = null, target, targets }) {
  const all = targets ?? (isObject(target) ? [target] : []);
  const text = jcs({ agent, argumentsDigest, operation, pin, targets: all });
  return `sha256:${sha256(Buffer.from(text, 'utf8')).toString('hex')}`;
}

// ── the command ──

function main(words) {
  const files = [];
  const options = {};
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--deep') options.deep = true;
    else if (words[i] === '--key') options.key = readFileSync(words[++i], 'utf8').trim();
    else if (words[i] === '--against') options.against = [readFileSync(words[++i], 'utf8')];
    else files.push(words[i]);
  }
  if (files.length !== 1) {
    console.error('usage: verify.mjs BUNDLE [--key FILE] [--against FILE] [--deep]');
    return 2;
  }
  const { holds, firstBroken, why, size } = verifyBundle(readFileSync(files[0]), options);
  if (options.key === undefined) console.log('no key was given: this proves integrity, not origin');
  if (holds) console.log(`holds: ${size} entries`);
  else console.log(`does not hold${firstBroken === null ? '' : ` from entry ${firstBroken} on`}`);
  for (const line of why.slice(0, 20)) console.log(`  ${line}`);
  return holds ? 0 : 3;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exitCode = main(process.argv.slice(2));
