import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LIMITS } from '../../../base/limits.ts';
import { syncDirectory } from '../../../base/sync-directory.ts';
import { ensurePrivateFile } from '../../private-file.ts';
import type { AppendBatch } from '../../store.ts';
import { FrameWriter } from './frame.ts';
import { HEAD_BYTES, newHead, type SegmentHead, segmentPaths } from './segment.ts';

/** What of a segment is acknowledged: its frames up to `to`. Up to `soiled` bytes of a failed attempt may lie behind them. */
export interface Extent {
  readonly path: string;
  readonly head: SegmentHead;
  readonly to: number;
  readonly soiled: number;
}

/** The segments as the one writer has them: frames are written to the current one, and synced before they count. */
export class Journal {
  readonly #files: readonly SegmentFile[];
  readonly #writer = new FrameWriter();
  #turn = 0;
  #head: SegmentHead;
  /** Where the next frame goes; up to where frames are on the disk; up to where bytes of a failed attempt may lie. */
  #position = HEAD_BYTES;
  #synced = HEAD_BYTES;
  #soiled = HEAD_BYTES;

  /** `order`: later than any that the segments or the tables know. The segments hold nothing any more that is needed. */
  constructor(log: string, order: number) {
    this.#files = segmentPaths(log).map((path) => {
      if (ensurePrivateFile(path)) syncDirectory(dirname(resolve(path)));
      const file = openSync(path, 'r+');
      ftruncateSync(file, 0);
      return { path, file, allocated: 0 };
    });
    this.#head = newHead(order);
    this.#begin(0, order);
  }

  get extent(): Extent {
    const soiled = Math.max(this.#synced, this.#soiled);
    return { path: this.#current.path, head: this.#head, to: this.#synced, soiled };
  }

  /** Puts a batch behind the last one; it counts once synced. Throws what the system says. */
  write(batch: AppendBatch): void {
    const frame = this.#writer.write(batch, this.#head.epoch);
    this.#clear(this.#position + frame.length);
    this.#soiled = this.#position + frame.length;
    this.#orGiveBack(() => writeAll(this.#current.file, frame, this.#position));
    this.#position = this.#soiled;
  }

  /** Takes back what was written and not synced. */
  forget(): void {
    this.#position = this.#synced;
  }

  /**
   * Waits for the disk here: handing the wait to another thread and back takes longer than the sync, and while this
   * thread waits the processor is another's (measured: a quarter more calls a second with 16 callers).
   */
  sync(): void {
    fdatasyncSync(this.#current.file);
    this.#synced = this.#position;
  }

  /** Goes on in the other segment, which is wiped. */
  turn(): void {
    this.#begin(1 - this.#turn, this.#head.order + 1);
  }

  close(): void {
    for (const { file } of this.#files) closeSync(file);
  }

  get #current(): SegmentFile {
    return this.#fileOf(this.#turn);
  }

  #fileOf(turn: number): SegmentFile {
    const file = this.#files[turn];
    if (file === undefined) throw new RangeError('a journal has two segments');
    return file;
  }

  /**
   * Zeros from the position on: over what a failed attempt left, so that it is never read as more of the log, and ahead
   * of what comes, since a sync that need not make the file longer takes two thirds of the time (measured).
   */
  #clear(to: number): void {
    const { allocated, file } = this.#current;
    // A full disk took only part of the failed attempt, and would take no more zeros either.
    if (this.#soiled > this.#position) this.#zero(Math.min(this.#soiled, fstatSync(file).size));
    if (to <= allocated) return;
    try {
      this.#orGiveBack(() => this.#zero(to + LIMITS.journalAheadBytes));
    } catch {
      // A disk that is nearly full may still hold the frame itself; its own write says so.
    }
  }

  /** What a full disk took of a failed attempt is given back: others, the tables first of all, need it. */
  #orGiveBack(write: () => void): void {
    const { file, allocated } = this.#current;
    try {
      write();
    } catch (fault) {
      const end = Math.max(allocated, this.#position);
      ftruncateSync(file, end);
      this.#soiled = Math.min(this.#soiled, end);
      throw fault;
    }
  }

  #zero(end: number): void {
    if (end <= this.#position) return;
    writeAll(this.#current.file, Buffer.alloc(end - this.#position), this.#position);
    this.#current.allocated = Math.max(this.#current.allocated, end);
  }

  #begin(turn: number, order: number): void {
    const head = newHead(order);
    writeAll(this.#fileOf(turn).file, head.bytes, 0);
    this.#turn = turn;
    this.#head = head;
    this.#position = HEAD_BYTES;
    this.#synced = HEAD_BYTES;
    this.#soiled = HEAD_BYTES;
  }
}

interface SegmentFile {
  readonly path: string;
  readonly file: number;
  /** How far zeros or frames go. */
  allocated: number;
}

function writeAll(file: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, position + at);
}
