import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdsProtected } from '../../catalog/protected.ts';
import { Cgroup, closeLeftOpen, launchOf, type Means, ProcessTree } from '../../doors/run/index.ts';
import { CommandFailure, EXIT } from '../exit-code.ts';
import { heldCommand } from './held-command.ts';
import { environmentOf, type Terms } from './terms.ts';

/** A program that waits for the word to begin. */
export interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly cgroup: Cgroup | null;
  readonly tree: ProcessTree;
  go(): void;
}

interface Started {
  readonly run: string;
  readonly token: string;
  /** Of the run's door: a socket where the program has a network of its own. */
  readonly place: { readonly socket?: string; readonly port?: number };
  readonly terms: Terms;
  readonly means: Means;
  readonly command: readonly string[];
  readonly terminal: boolean;
}

/** Starts it, held back; throws where it would be held less than was promised. */
export function startProgram(started: Started): Program {
  const { run, token, place, terms, means, command, terminal } = started;
  const directory = realpathSync(process.cwd());
  const socket = means.namespaces ? (place.socket ?? null) : null;
  const isolated = socket !== null;
  if (isolated || means.seatbelt) refuseOwn([directory, ...terms.writable], terms.own);
  const cgroup = means.cgroup ? Cgroup.make(run) : null;
  if (means.cgroup && cgroup === null)
    throw new CommandFailure(EXIT.failed, 'The control group of the run could not be made.');
  const port = isolated ? terms.port : (place.port ?? 0);
  const limits = limitsOf(terms, cgroup);
  // Namespaces bring an empty /tmp of their own.
  const scratch = means.seatbelt ? realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-run-'))) : null;
  const launched = launchOf({
    run,
    command: heldCommand(command, { means, terms, limits, directory, scratch, socket, port }),
    ...(cgroup === null ? {} : { cgroup: cgroup.path }),
    ...(isolated ? {} : limits),
    isSandbox: isolated,
  });
  const left = closeLeftOpen(process.env);
  if (left.length > 0)
    throw new CommandFailure(
      EXIT.failed,
      `What started this command had files open that could not be closed (descriptors ${left.join(', ')}), and the program would have them. Start it from a shell without them.`,
    );
  const [shell = '', ...args] = launched;
  const output = terminal ? 'inherit' : 'pipe';
  const child = spawn(shell, args, {
    cwd: directory,
    // A session of its own: the terminal's signals reach it through us, and its group is its own.
    detached: true,
    env: { ...environmentOf(terms, { run, token, port }), ...(scratch === null ? {} : { TMPDIR: scratch }) },
    stdio: ['inherit', output, output, 'pipe'],
  });
  child.on('error', () => undefined);
  if (scratch !== null)
    // Of one that could not be started there is no end to wait for.
    for (const over of ['exit', 'error'])
      child.once(over, () => rmSync(scratch, { recursive: true, force: true }));
  const { pid } = child;
  if (pid === undefined) throw new CommandFailure(EXIT.failed, 'The program could not be started.');
  const word = child.stdio[3];
  word?.on('error', () => undefined);
  return {
    child,
    pid,
    cgroup,
    tree: new ProcessTree({ run, pid, cgroup, isEnclosed: isolated }),
    go: () => {
      if (word !== null && word !== undefined && 'end' in word) word.end('go\n');
    },
  };
}

/** Limits for the shell to take on, but for those that the control group keeps. */
function limitsOf({ cpu, memory, processes }: Terms, cgroup: Cgroup | null) {
  const isKept = (file: 'memory.max' | 'pids.max', value: number) => cgroup?.limit(file, value) === true;
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined || isKept('memory.max', memory * 1024 ** 2) ? {} : { memory }),
    ...(processes === undefined || isKept('pids.max', processes) ? {} : { processes }),
  };
}

/** A program that may write a directory could move what lies in it, hidden or not. */
function refuseOwn(directories: readonly string[], own: readonly string[]): void {
  for (const directory of directories) {
    const held = holdsProtected(directory, own);
    if (held !== null)
      throw new CommandFailure(
        EXIT.failed,
        `${directory} holds what belongs to Lanyard itself (${held}), and the program could write there. Run it in another directory.`,
      );
  }
}
