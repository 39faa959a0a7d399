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
    this.#signalAll('SIGSTOP');
    for (const pid of this.#stopped) signal(pid, 'SIGKILL');
    signal(-this.#root.pid, 'SIGKILL');
  }

  /** Resolves once all of it is frozen, or has ended, as the system says. */
  async frozen(): Promise<void> {
    const { cgroup } = this.#root;
    if (cgroup !== null) await until(() => cgroup.isFrozen || cgroup.isEmpty);
  }

  async ended(): Promise<void> {
    const { cgroup } = this.#root;
    await until(() => (cgroup === null ? this.members().length === 0 : cgroup.isEmpty));
    cgroup?.remove();
  }

  /** Ids of its processes that are alive, without a cgroup. */
  members(): number[] {
    const { pid: root, run } = this.#root;
    const all = processes();
    if (all === null) return signal(-root, 0) ? [root] : [];
    const own = new Set<number>();
    let before = -1;
    while (own.size !== before) {
      before = own.size;
      for (const { pid, parent, group, session } of all)
        if (pid === root || group === root || session === root || own.has(parent)) own.add(pid);
    }
    for (const { pid } of all) if (!own.has(pid) && carries(pid, run)) own.add(pid);
    return all.filter(({ pid, state }) => own.has(pid) && state !== 'Z').map(({ pid }) => pid);
  }

  /** Again and again, until a look finds nobody who was not signalled yet. */
  #signalAll(name: NodeJS.Signals): void {
    if (processes() === null) signal(-this.#root.pid, name);
    for (let look = 0; look < LIMITS.treeLooks; look++) {
      const fresh = this.members().filter((pid) => !this.#stopped.has(pid));
      if (fresh.length === 0) return;
      for (const pid of fresh) {
        signal(pid, name);
        this.#stopped.add(pid);
      }
    }
  }
}

interface Process {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/** Every process, as /proc shows them; null where there is none. */
function processes(): Process[] | null {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return null;
  }
  const found: Process[] = [];
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readProc(`/proc/${name}/stat`);
    // The command's name may hold anything, so what counts begins behind its last bracket.
    const [state = '', parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === '') continue;
    const [pid, ...ids] = [name, parent, group, session].map(Number);
    found.push({ pid: pid ?? 0, state, parent: ids[0] ?? 0, group: ids[1] ?? 0, session: ids[2] ?? 0 });
  }
  return found.length === 0 ? null : found;
}

function carries(pid: number, run: string): boolean {
  return `\0${readProc(`/proc/${pid}/environ`)}`.includes(`\0${RUN_VARIABLE}=${run}\0`);
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1');
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

async function until(isSo: () => boolean): Promise<void> {
  for (let look = 0; look < LIMITS.treeEndedLooks && !isSo(); look++) await wait(LIMITS.treeEndedEveryMs);
}
