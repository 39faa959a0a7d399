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

/** The key that signs checkpoints; made at the first start, and only while there is no log that another key signed. */
export function openSignerOf(state: StateDirectory): Signer {
  if (existsSync(state.key)) {
    const signer = openSigner(readFileSync(state.key, 'utf8').trim());
    if (!signer.ok) throw new Error(`the checkpoint key ${state.key} cannot be read: ${signer.error}`);
    return signer.value;
  }
  if (existsSync(state.log)) {
    throw new Error(
      `the checkpoint key ${state.key} is gone while the log is there; put it back, or start with a new state`,
    );
  }
  const signer = createSigner(`lanyard/${randomBytes(6).toString('hex')}`);
  // Whole or not at all: whoever dies here must not leave half a key behind.
  const unfinished = `${state.key}.new`;
  writeFileSync(unfinished, `${signer.exportText()}\n`, { mode: 0o600, flush: true });
  renameSync(unfinished, state.key);
  return signer;
}
