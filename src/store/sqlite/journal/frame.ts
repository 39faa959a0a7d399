import { crc32 } from 'node:zlib';
import type { AppendBatch, Body, CellChange, CheckpointRow, NewEntry } from '../../store.ts';

/**
 * One batch as bytes of a journal segment: a head of 12 bytes (length of the payload, checksum of the head, checksum of
 * the payload), the payload, and the segment's epoch once more as the end mark. All integers are little endian; texts
 * are UTF-8 behind their length. Checksums tell accidents from frames; that nobody changed an entry is the tree's to say.
 */
export const EPOCH_BYTES = 8;
const HEAD_BYTES = 12;
const ABSENT = 0xffff_ffff;
const FIRST_SCRATCH_BYTES = 1 << 16;

/** Turns batches into frames in one buffer that is used again: what is answered holds until the next call. */
export class FrameWriter {
  #bytes = Buffer.allocUnsafe(FIRST_SCRATCH_BYTES);
  #at = 0;

  write(batch: AppendBatch, epoch: Uint8Array): Buffer {
    this.#at = HEAD_BYTES;
    this.#number(batch.first);
    this.#list(batch.entries, (entry) => this.#entry(entry));
    this.#list(batch.bodies, (body) => this.#body(body));
    this.#list(batch.cells, ({ kind, key, value }) => this.#texts(kind, key, value));
    this.#list(batch.checkpoint === undefined ? [] : [batch.checkpoint], (one) => this.#checkpoint(one));
    this.#room(EPOCH_BYTES);
    const payload = this.#bytes.subarray(HEAD_BYTES, this.#at);
    this.#bytes.writeUInt32LE(payload.length, 0);
    this.#bytes.writeUInt32LE(crc32(epoch, payload.length), 4);
    this.#bytes.writeUInt32LE(crc32(payload, payload.length), 8);
    this.#blob(epoch);
    return this.#bytes.subarray(0, this.#at);
  }

  #entry(entry: NewEntry): void {
    this.#number(entry.atMs);
    this.#texts(entry.text, entry.kind, entry.action, entry.agent, entry.session);
    this.#blob(entry.leaf);
  }

  #body(body: Body): void {
    this.#number(body.expiresAtMs);
    this.#texts(body.action, body.part, body.text);
    this.#sizedBlob(body.salt);
  }

  #checkpoint(row: CheckpointRow): void {
    this.#number(row.size);
    this.#texts(row.note, JSON.stringify(row.open));
    this.#sizedBlob(row.frontier);
  }

  #list<T>(items: readonly T[], each: (item: T) => void): void {
    this.#uint(items.length);
    for (const item of items) each(item);
  }

  #texts(...texts: readonly (string | null | undefined)[]): void {
    for (const text of texts) this.#text(text);
  }

  #text(text: string | null | undefined): void {
    if (text === null || text === undefined) {
      this.#uint(ABSENT);
      return;
    }
    this.#room(4 + 3 * text.length);
    const length = this.#bytes.write(text, this.#at + 4, 'utf8');
    this.#bytes.writeUInt32LE(length, this.#at);
    this.#at += 4 + length;
  }

  #number(value: number): void {
    this.#room(8);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  #uint(value: number): void {
    this.#room(4);
    this.#at = this.#bytes.writeUInt32LE(value, this.#at);
  }

  #sizedBlob(bytes: Uint8Array): void {
    this.#uint(bytes.length);
    this.#blob(bytes);
  }

  #blob(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

/** What stands at one place of a segment: a frame, nothing yet, the beginning of one that was never finished, or a ruin. */
type Found =
  | { readonly kind: 'batch'; readonly batch: AppendBatch; readonly end: number }
  | { readonly kind: 'end' | 'unfinished' | 'damaged' };

/**
 * Reads what stands at `at`. A frame is acknowledged only when it is whole on the disk, so one without its end mark was
 * never acknowledged; one with its end mark and another checksum was changed afterwards.
 */
export function readFrame(bytes: Buffer, at: number, epoch: Uint8Array): Found {
  if (at + HEAD_BYTES > bytes.length) return { kind: 'end' };
  const length = bytes.readUInt32LE(at);
  const headSum = bytes.readUInt32LE(at + 4);
  if (length === 0 && headSum === 0) return { kind: 'end' };
  if (headSum !== crc32(epoch, length)) return { kind: isCut(bytes, at) ? 'unfinished' : 'damaged' };
  const start = at + HEAD_BYTES;
  const end = start + length + EPOCH_BYTES;
  if (end > bytes.length || !bytes.subarray(start + length, end).equals(epoch)) return { kind: 'unfinished' };
  const payload = bytes.subarray(start, start + length);
  if (bytes.readUInt32LE(at + 8) !== crc32(payload, length)) return { kind: 'damaged' };
  return { kind: 'batch', batch: new FrameReader(payload).batch(), end };
}

/**
 * Whether a head breaks off, with nothing behind it: a process that is killed while it writes leaves whole pages of what it
 * wrote, and a head may lie across two. Its checksum is then not whole, and no frame comes after it.
 */
function isCut(bytes: Buffer, at: number): boolean {
  const rest = bytes.subarray(at + HEAD_BYTES - 4);
  return rest.every((byte) => byte === 0);
}

class FrameReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(payload: Buffer) {
    this.#bytes = payload;
  }

  batch(): AppendBatch {
    const first = this.#number();
    const entries = this.#list(() => this.#entry());
    const bodies = this.#list(() => this.#body());
    const cells = this.#list(() => this.#cell());
    const checkpoint = this.#list(() => this.#checkpoint())[0];
    return { first, entries, bodies, cells, ...(checkpoint === undefined ? {} : { checkpoint }) };
  }

  #entry(): NewEntry {
    const atMs = this.#number();
    const text = this.#text();
    const kind = this.#text();
    const action = this.#optional();
    const agent = this.#optional();
    const session = this.#optional();
    const leaf = this.#blob(32);
    return {
      text,
      leaf,
      kind,
      atMs,
      ...(action === null ? {} : { action }),
      ...(agent === null ? {} : { agent }),
      ...(session === null ? {} : { session }),
    };
  }

  #body(): Body {
    const expiresAtMs = this.#number();
    const action = this.#text();
    const part = this.#text() === 'result' ? 'result' : 'arguments';
    const text = this.#text();
    return { action, part, text, expiresAtMs, salt: this.#blob(this.#uint()) };
  }

  #cell(): CellChange {
    return { kind: this.#text(), key: this.#text(), value: this.#optional() };
  }

  #checkpoint(): CheckpointRow {
    const size = this.#number();
    const note = this.#text();
    const open = JSON.parse(this.#text()) as string[];
    return { size, note, open, frontier: this.#blob(this.#uint()) };
  }

  #list<T>(each: () => T): T[] {
    const count = this.#uint();
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(each());
    return items;
  }

  #text(): string {
    return this.#optional() ?? '';
  }

  #optional(): string | null {
    const length = this.#uint();
    if (length === ABSENT) return null;
    const start = this.#at;
    this.#at += length;
    return this.#bytes.toString('utf8', start, this.#at);
  }

  #number(): number {
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  #uint(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  /** A copy: the segment's buffer does not live on through it. */
  #blob(length: number): Uint8Array {
    this.#at += length;
    return new Uint8Array(this.#bytes.subarray(this.#at - length, this.#at));
  }
}
