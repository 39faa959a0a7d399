import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSigner, openSigner, type Signer } from '../ledger/signer.ts';

/** Where things lie in the directory that holds everything this instance remembers. */
export interface StateDirectory {
  readonly path: string;
  readonly log: string;
  readonly lock: string;
  readonly key: string;
  /** The key until the log has its first entry. */
  readonly newKey: string;
  /** Where stops are kept beside the log. */
  readonly stops: string;
  readonly socket: string;
  /** Where the socket is, when `socket` would be too long a path for one. */
  readonly socketName: string;
  /** Where stops are kept that came from outside and are not in the log yet. */
  readonly outside: string;
  /** What the engine said of the rules in force. */
  readonly answers: string;
}

export function stateDirectory(path: string): StateDirectory {
  return {
    path,
    log: join(path, 'log.sqlite'),
    lock: join(path, 'lock.sqlite'),
    key: join(path, 'checkpoint.key'),
    newKey: join(path, 'checkpoint.key.new'),
    stops: join(path, 'stops'),
    socket: join(path, 'operator.sock'),
    socketName: join(path, 'operator.sock.path'),
    outside: join(path, 'outside'),
    answers: join(path, 'engine-answers'),
  };
}

/** Makes the directory, for its owner alone. Throws with a sentence when it is somebody else's. */
export function openStateDirectory(path: string): StateDirectory {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = statSync(path);
  const uid = process.getuid?.();
  if (uid !== undefined && found.uid !== uid)
    throw new Error(`the state directory ${path} belongs to another user`);
  if ((found.mode & 0o077) !== 0) chmodSync(path, 0o700);
  return stateDirectory(path);
}

/**
 * The key that signs checkpoints; made at the first start. It has its lasting name only once the log has a first entry
 * (`keepKey`), so that a key without a log tells of a log that was lost, and not of a first start that was cut off.
 */
export function openSignerOf(state: StateDirectory): Signer {
  if (existsSync(state.key)) {
    if (!existsSync(state.log)) throw new Error(logIsGone(state));
    const signer = openSigner(readFileSync(state.key, 'utf8').trim());
    if (!signer.ok) throw new Error(`the checkpoint key ${state.key} cannot be read: ${signer.error}`);
    return signer.value;
  }
  const unfinished = existsSync(state.newKey) ? openSigner(readFileSync(state.newKey, 'utf8').trim()) : null;
  if (unfinished?.ok === true) return unfinished.value;
  if (existsSync(state.log)) {
    throw new Error(
      `the checkpoint key ${state.key} is gone while the log is there; put it back, or start with a new state`,
    );
  }
  const signer = createSigner(`lanyard/${randomBytes(6).toString('hex')}`);
  // Half a key that somebody who died here left behind signed nothing yet, and is written over.
  writeFileSync(state.newKey, `${signer.exportText()}\n`, { mode: 0o600, flush: true });
  return signer;
}

/** The log holds an entry that this key signed: from now on a log without one is a log that was lost. */
export function keepKey(state: StateDirectory): void {
  if (existsSync(state.newKey)) renameSync(state.newKey, state.key);
}

/** Throws where the key has signed a log before and the log holds nothing: what it said would be forgotten without a word. */
export function refuseLostLog(state: StateDirectory, size: number): void {
  if (size === 0 && existsSync(state.key)) throw new Error(logIsGone(state));
}

const logIsGone = ({ key, log }: StateDirectory) =>
  `the log ${log} is gone while the key that signed it (${key}) is there; put it back, or start with a new state`;
