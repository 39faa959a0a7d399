import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { LIMITS } from '../../base/limits.ts';
import type { Cgroup } from './cgroup.ts';

/** The variable that every process of a run inherits: by it a daemon is found that left its family. */
const RUN_VARIABLE = 'LANYARD_RUN';

interface TreeRoot {
  readonly run: string;
  /** The leader of a process group and session of its own. */
  readonly pid: number;
  /** Absent: it is held by looking for its processes, which one that takes its marks off escapes. */
  readonly cgroup: Cgroup | null;
}

/** Everything that a program has started. What is done here is done when it returns, but for `ended`. */
export class ProcessTree {
  readonly #root: TreeRoot;
  readonly #stopped = new Set<number>();
  /** When the root began, in ticks since the system did: what is older is none of its own. */
  readonly #begun: number;

  constructor(root: TreeRoot) {
    this.#root = root;
    this.#begun = readProcess(String(root.pid))?.begun ?? 0;
  }

  freeze(): void {
    if (this.#root.cgroup?.freeze() !== true) this.#signalAll('SIGSTOP');
  }

  thaw(): void {
    this.#root.cgroup?.thaw();
    for (const pid of this.#stopped) signal(pid, 'SIGCONT');
    this.#stopped.clear();
  }

  kill(): void {
    if (this.#root.cgroup?.kill() === true) return;
    // First nothing of it runs any more, so that nothing is born while the others die.
    for (const pid of this.#signalAll('SIGSTOP')) signal(pid, 'SIGKILL');
    signal(-this.#root.pid, 'SIGKILL');
  }

  /**
   * Nothing of it runs any more when this returns, or some milliseconds later where the system says so late; it is killed then.
   * The dying of many keeps a processor busy, and whatever else a stop has to cut does not wait for it.
   */
  async freezeAndKill(): Promise<void> {
    this.freeze();
    await Promise.race([this.frozen(), wait(LIMITS.treeFreezeMs)]);
    this.kill();
  }

  /** Resolves once all of it is frozen, or has ended, as the system says; to false where it is not after some seconds. */
  async frozen(): Promise<boolean> {
    const { cgroup } = this.#root;
    return cgroup === null || until(() => cgroup.isFrozen || cgroup.isEmpty);
  }

  async ended(): Promise<boolean> {
    const { cgroup } = this.#root;
    const strangers = new Set<number>();
    const isGone = () => this.members(strangers).length === 0 && this.members().length === 0;
    const isEnded = await until(() => (cgroup === null ? isGone() : cgroup.isEmpty));
    cgroup?.remove();
    return isEnded;
  }

  /**
   * Ids of its processes that are alive, without a cgroup. `strangers` are not looked at, and those that are found are put
   * there: what never belonged to a tree does not come to, so that a second look costs little. For looks that follow at once.
   */
  members(strangers = new Set<number>()): number[] {
    const found: number[] = [];
    this.#each(strangers, new Set(), (pid) => found.push(pid));
    return found;
  }

  /**
   * `found` is called with each as soon as it is known for one of them: the later ones run on while the rest is read. `known`
   * are its own and not looked at again.
   */
  #each(strangers: Set<number>, known: ReadonlySet<number>, found: (pid: number) => void): void {
    const { pid: root, run } = this.#root;
    const own = new Set(known);
    const take = ({ pid, state }: Process) => {
      own.add(pid);
      if (state !== 'Z') found(pid);
    };
    let others: Process[] = [];
    let isThere = false;
    // Those that came after the root first: most of them are its own.
    for (const process of processes((pid) => strangers.has(pid) || known.has(pid), root)) {
      isThere = true;
      const { pid, parent, group, session, begun } = process;
      if (pid === root || group === root || session === root || own.has(parent)) take(process);
      else if (parent !== KERNEL && begun >= this.#begun && carries(pid, run)) take(process);
      else others.push(process);
    }
    if (!isThere && strangers.size === 0 && signal(-root, 0)) found(root);
    for (let before = -1; own.size !== before; ) {
      before = own.size;
      others = others.filter((process) => {
        if (!own.has(process.parent)) return true;
        take(process);
        return false;
      });
    }
    for (const { pid } of others) strangers.add(pid);
  }

  /** Again and again, until a look finds nobody who was not signalled yet; answers whom it signalled. */
  #signalAll(name: NodeJS.Signals): ReadonlySet<number> {
    // Most of it at once, whatever the looks cost.
    signal(-this.#root.pid, name);
    const signalled = new Set<number>();
    const take = (pid: number) => {
      signal(pid, name);
      signalled.add(pid);
      this.#stopped.add(pid);
    };
    this.#eachChild(take);
    const strangers = new Set<number>();
    for (let look = 0, before = -1; look < LIMITS.treeLooks && signalled.size !== before; look++) {
      before = signalled.size;
      this.#each(strangers, signalled, take);
    }
    return signalled;
  }

  /** Down from the root, as far as the system says whose child each is: one read of each, and none of anybody else. */
  #eachChild(found: (pid: number) => void): void {
    const { pid: root } = this.#root;
    if (readProcess(String(root))?.begun !== this.#begun) return;
    found(root);
    const family = new Set([root]);
    // A set hands out what is added to it meanwhile.
    for (const parent of family)
      for (const pid of childrenOf(parent)) {
        if (family.has(pid)) continue;
        found(pid);
        family.add(pid);
      }
  }
}

/** The parent of the kernel's own threads. */
const KERNEL = 2;

/** Ids of processes that carry the mark of a run and are no zombies, whoever is their family. */
export function markedBy(run: string): number[] {
  return [...processes(() => false)]
    .filter(({ pid, state }) => state !== 'Z' && carries(pid, run))
    .map(({ pid }) => pid);
}

/** Whether there is such a process, and it has not ended. */
export function isAlive(pid: number): boolean {
  if (!signal(pid, 0)) return false;
  const stat = readProc(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
}

interface Process {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** In ticks since the system began. */
  readonly begun: number;
}

/** Every process but those left out, as /proc shows them, read one by one, from this number on; none where there is no /proc. */
function* processes(isLeftOut: (pid: number) => boolean, from = 0): Generator<Process> {
  const names = processNames();
  const later = names.filter((name) => Number(name) >= from);
  for (const name of [...later, ...names.filter((name) => Number(name) < from)]) {
    if (isLeftOut(Number(name))) continue;
    const found = readProcess(name);
    if (found !== null) yield found;
  }
}

function processNames(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function readProcess(name: string): Process | null {
  const stat = readProc(`/proc/${name}/stat`);
  // The command's name may hold anything, so what counts begins behind its last bracket (proc_pid_stat(5), fields 3 to 6 and 22).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent, group, session] = fields;
  if (state === '') return null;
  const [pid, begun] = [Number(name), Number(fields[19])];
  return { pid, state, parent: Number(parent), group: Number(group), session: Number(session), begun };
}

/** Those of its first thread, which is the one that starts programs nearly always (proc_tid_children(5)); none where it is not told. */
function childrenOf(pid: number): number[] {
  return readProc(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .map(Number)
    .filter((child) => child > 1);
}

function carries(pid: number, run: string): boolean {
  return `\0${readProc(`/proc/${pid}/environ`)}`.includes(`\0${RUN_VARIABLE}=${run}\0`);
}

function readProc(path: string): string {
  try {
    // In this encoding Node reads a file in one step, twice as fast; what is no UTF-8 in it is not looked for.
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

async function until(isSo: () => boolean): Promise<boolean> {
  for (let look = 0; look < LIMITS.treeEndedLooks; look++) {
    if (isSo()) return true;
    await wait(LIMITS.treeEndedEveryMs);
  }
  return false;
}
