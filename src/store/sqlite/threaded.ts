import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { AppendBatch, BodyPart, EntryFilter, Store } from '../store.ts';
import { flatten } from './flat-batch.ts';
import { openSqlite } from './open.ts';
import { faultOf, type Reply, type Request } from './writer-messages.ts';

/** Beside this file, in the form that this file is in: TypeScript in development, JavaScript when built. */
const WRITER = new URL(
  import.meta.url.endsWith('.ts') ? './writer-thread.ts' : './writer-thread.js',
  import.meta.url,
);

/**
 * The SQLite keeper with a thread of its own for writing, so that the caller's thread never waits for the disk. Reads
 * stay in the caller's thread, on a connection of its own: SQLite shows it every batch that was committed. Rejects as
 * `openSqlite` does.
 */
export async function openSqliteInWorker(path: string): Promise<Store> {
  // Opened here first: this makes the file and the schema, and refuses with an error that says why.
  const reader = await openSqlite(path);
  const worker = new Worker(WRITER, { workerData: path, env: {}, execArgv: [], name: 'log writer' });
  const fault = await new Promise<Error | null>((resolve) => {
    worker.once('message', () => resolve(null));
    worker.once('error', resolve);
    worker.once('exit', () => resolve(new Error('the thread that writes the store did not start')));
  });
  if (fault !== null) {
    await reader.close();
    throw fault;
  }
  return new ThreadedStore(reader, worker);
}

interface Pending {
  resolve(count: number): void;
  reject(fault: Error): void;
}

type Ask<T> = T extends unknown ? Omit<T, 'id'> : never;

/** Exported for its test, which gives it a thread that dies. */
export class ThreadedStore implements Store {
  readonly #reader: Store;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  /** Why nothing can be written any more. */
  #gone: Error | null = null;
  #closing: Promise<void> | null = null;

  constructor(reader: Store, worker: Worker) {
    this.#reader = reader;
    this.#worker = worker;
    worker.on('message', (reply: Reply) => this.#settle(reply));
    worker.on('error', (fault) => this.#lose(fault));
    worker.on('exit', () => this.#lose(new Error('the thread that writes the store has ended')));
    // Only now: listening for messages keeps a process alive again.
    worker.unref();
  }

  async append(batch: AppendBatch): Promise<void> {
    await this.#ask({ kind: 'append', batch: flatten(batch) });
  }

  async expireBodies(nowMs: number): Promise<number> {
    return this.#ask({ kind: 'expire', nowMs });
  }

  size() {
    return this.#reader.size();
  }

  lastCheckpoint() {
    return this.#reader.lastCheckpoint();
  }

  entries(from: number, to: number) {
    return this.#reader.entries(from, to);
  }

  find(filter: EntryFilter) {
    return this.#reader.find(filter);
  }

  body(action: string, part: BodyPart) {
    return this.#reader.body(action, part);
  }

  cell(kind: string, key: string) {
    return this.#reader.cell(kind, key);
  }

  cells(kind: string) {
    return this.#reader.cells(kind);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The writer ends what it was asked before; whoever closes last folds the write-ahead log into the file. */
  async #close(): Promise<void> {
    if (this.#gone === null) {
      const exited = once(this.#worker, 'exit');
      await this.#ask({ kind: 'close' });
      this.#worker.ref();
      await exited;
    }
    await this.#reader.close();
  }

  async #ask(request: Ask<Request>): Promise<number> {
    if (this.#gone !== null) throw this.#gone;
    if (this.#closing !== null && request.kind !== 'close') throw new Error('the store is closed');
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // A process must not end while an answer is owed to it; without one, the thread does not keep it alive.
      if (this.#pending.size === 0) this.#worker.ref();
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, id });
    });
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    this.#pending.delete(reply.id);
    if (this.#pending.size === 0) this.#worker.unref();
    if (reply.kind === 'done') pending.resolve(reply.count);
    else pending.reject(faultOf(reply.fault));
  }

  /** What was asked may have been kept or not (S3): the caller asks for the size. */
  #lose(fault: Error): void {
    this.#gone ??= fault;
    for (const pending of this.#pending.values()) pending.reject(this.#gone);
    this.#pending.clear();
  }
}
