import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LIMITS } from '../../base/limits.ts';
import {
  type Limits,
  limited,
  type Means,
  sandboxOf,
  seatbeltOf,
  socketsInFiles,
} from '../../doors/run/index.ts';
import { CommandFailure, EXIT } from '../exit-code.ts';
import type { Terms } from './terms.ts';

const INSIDE = fileURLToPath(new URL('../../doors/run/inside.ts', import.meta.url));

interface Held {
  readonly means: Means;
  readonly terms: Terms;
  readonly limits: Limits;
  readonly directory: string;
  /** For its temporary files, where its sandbox brings none. */
  readonly scratch: string | null;
  /** Of the run's door, where the program has a network of its own; else `port` is the door itself. */
  readonly socket: string | null;
  readonly port: number;
}

/** The command within what holds it here: namespaces, Seatbelt or nothing. */
export function heldCommand(command: readonly string[], held: Held): readonly string[] {
  const { terms, limits, directory, scratch, socket, port } = held;
  if (socket !== null)
    return [
      ...sandboxOf({
        directory,
        writable: existing(terms.writable),
        hidden: terms.hidden,
        shown: terms.shown,
        sockets: socketsToCover(),
        door: socket,
      }),
      ...[process.execPath, '--disable-warning=ExperimentalWarning', INSIDE, socket, String(port), '--'],
      ...limited(command, limits),
    ];
  if (!held.means.seatbelt) return command;
  const own = [directory, ...(scratch === null ? [] : [scratch])];
  return [
    ...seatbeltOf({
      writable: [...own, ...existing(terms.writable)],
      hidden: existing(terms.hidden),
      port,
    }),
    ...command,
  ];
}

/** Throws where they are too many to be covered: then one of them would be reached. */
function socketsToCover(): string[] {
  const sockets = socketsInFiles();
  if (sockets.length <= LIMITS.runSockets) return sockets;
  throw new CommandFailure(
    EXIT.failed,
    `Programs have ${sockets.length} sockets in the file system here, more than the ${LIMITS.runSockets} that can be kept from a program. Run it with --no-namespaces, which is weaker, or elsewhere.`,
  );
}

const existing = (paths: readonly string[]) =>
  paths.filter((path) => existsSync(path)).map((path) => realpathSync(path));
