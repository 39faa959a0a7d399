import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { LIMITS } from '../../base/limits.ts';
import type { Cgroup } from './cgroup.ts';

/** The variable that every process of a run inherits: by it a daemon is found that left its family. */
const RUN_VARIABLE = 'LANYARD_RUN';

export interface TreeRoot {
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

  constructor(root: TreeRoot) {
    this.#root = root;
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
    const strangers = this.#signalAll('SIGSTOP');
    // Those that are its own now: what was stopped long ago may have ended, and its number be somebody else's.
    for (const pid of this.members(strangers)) signal(pid, 'SIGKILL');
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
    const { pid: root, run } = this.#root;
    const all = processes(strangers);
    if (all === null) return signal(-root, 0) ? [root] : [];
    const own = new Set<number>();
    let before = -1;
    while (own.size !== before) {
      before = own.size;
      for (const { pid, parent, group, session } of all)
        if (pid === root || group === root || session === root || own.has(parent)) own.add(pid);
    }
    for (const { pid, parent } of all)
      if (!own.has(pid)) (parent !== KERNEL && carries(pid, run) ? own : strangers).add(pid);
    return all.filter(({ pid, state }) => own.has(pid) && state !== 'Z').map(({ pid }) => pid);
  }

  /** Again and again, until a look finds nobody who was not signalled yet. */
  #signalAll(name: NodeJS.Signals): Set<number> {
    // Most of it at once, whatever the looks cost.
    signal(-this.#root.pid, name);
    const strangers = new Set<number>();
    for (let look = 0; look < LIMITS.treeLooks; look++) {
      const fresh = this.members(strangers).filter((pid) => !this.#stopped.has(pid));
      if (fresh.length === 0) break;
      for (const pid of fresh) {
        signal(pid, name);
        this.#stopped.add(pid);
      }
    }
    return strangers;
  }
}

/** The parent of the kernel's own threads. */
const KERNEL = 2;

/** Ids of processes that carry the mark of a run and are no zombies, whoever is their family. */
export function markedBy(run: string): number[] {
  const all = processes(new Set()) ?? [];
  return all.filter(({ pid, state }) => state !== 'Z' && carries(pid, run)).map(({ pid }) => pid);
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
}

/** Every process but `strangers`, as /proc shows them; null where there is none. */
function processes(strangers: ReadonlySet<number>): Process[] | null {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return null;
  }
  const found: Process[] = [];
  for (const name of names) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || strangers.has(pid)) continue;
    const stat = readProc(`/proc/${name}/stat`);
    // The command's name may hold anything, so what counts begins behind its last bracket.
    const [state = '', parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === '') continue;
    found.push({ pid, state, parent: Number(parent), group: Number(group), session: Number(session) });
  }
  return found.length === 0 && strangers.size === 0 ? null : found;
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
