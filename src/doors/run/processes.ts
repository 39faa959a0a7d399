import { readdirSync, readFileSync } from 'node:fs';
import { quietBytesOf } from './quiet-limit.ts';

/** The variable that every process of a run inherits: by it a daemon is found that left its family and changed its limits. */
const RUN_VARIABLE = 'LANYARD_RUN';

export interface Process {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** In ticks since the system began. */
  readonly begun: number;
  /** Its limit of resident memory, in bytes. */
  readonly quietBytes: number;
}

/**
 * The processes of this machine as /proc shows them; none where there is no /proc. Each look sees who is there, but
 * reads only those that no earlier look has read, so one object is for looks that follow at once.
 */
export class Processes {
  static #ofThisTurn: Processes | null = null;
  readonly #read = new Map<number, Process>();
  readonly #marks = new Map<number, string>();

  /**
   * The one for this turn of the event loop: a stop cuts many trees in one turn, and each of them looks at all that
   * runs.
   */
  static ofThisTurn(): Processes {
    if (Processes.#ofThisTurn === null) {
      Processes.#ofThisTurn = new Processes();
      setImmediate(() => {
        Processes.#ofThisTurn = null;
      });
    }
    return Processes.#ofThisTurn;
  }

  /** Each but those left out, read one by one, from this number on. */
  *look(isLeftOut: (pid: number) => boolean, from = 0): Generator<Process> {
    const pids = processIds();
    for (const pid of [...pids.filter((one) => one >= from), ...pids.filter((one) => one < from)]) {
      if (isLeftOut(pid)) continue;
      const found = this.#read.get(pid) ?? readProcess(pid);
      if (found === null) continue;
      this.#read.set(pid, found);
      yield found;
    }
  }

  /** The run that its environment names; empty where it names none. */
  runOf(pid: number): string {
    const known = this.#marks.get(pid);
    if (known !== undefined) return known;
    const environment = `\0${readProc(`/proc/${pid}/environ`)}`;
    const at = environment.indexOf(`\0${RUN_VARIABLE}=`);
    const mark = at === -1 ? '' : (environment.slice(at + RUN_VARIABLE.length + 2).split('\0', 1)[0] ?? '');
    this.#marks.set(pid, mark);
    return mark;
  }
}

/** Ids of processes that carry a mark of a run and are no zombies, whoever is their family. */
export function markedBy(run: string): number[] {
  const now = new Processes();
  const quiet = quietBytesOf(run);
  return [...now.look(() => false)]
    .filter(({ pid, state, quietBytes }) => state !== 'Z' && (quietBytes === quiet || now.runOf(pid) === run))
    .map(({ pid }) => pid);
}

export function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

export function readProcess(pid: number): Process | null {
  const stat = readProc(`/proc/${pid}/stat`);
  // The command's name may hold anything, so what counts begins behind its last bracket (proc_pid_stat(5), fields 3 to 6, 22 and 25).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent, group, session] = fields;
  if (state === '') return null;
  return {
    pid,
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    begun: Number(fields[19]),
    quietBytes: Number(fields[22]),
  };
}

/** Those of its first thread, which is the one that starts programs nearly always (proc_tid_children(5)); none where it is not told. */
export function childrenOf(pid: number): number[] {
  return readProc(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .map(Number)
    .filter((child) => child > 1);
}

function readProc(path: string): string {
  try {
    // In this encoding Node reads a file in one step, twice as fast; what is no UTF-8 in it is not looked for.
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
