import { setTimeout as wait } from 'node:timers/promises';
import { LIMITS } from '../../base/limits.ts';
import type { Cgroup } from './cgroup.ts';
import { childrenOf, type Process, Processes, readProcess } from './processes.ts';
import { quietBytesOf } from './quiet-limit.ts';

interface TreeRoot {
  readonly run: string;
  /** The leader of a process group and session of its own. */
  readonly pid: number;
  /** Absent: it is held by looking for its processes, which one that takes its marks off escapes. */
  readonly cgroup: Cgroup | null;
  /** It lives in namespaces of its own, and so cannot leave its control group. */
  readonly isEnclosed?: boolean;
}

/**
 * Everything that a program has started. A method has done its work when it returns; one that returns a promise, when
 * that resolves.
 */
export class ProcessTree {
  readonly #root: TreeRoot;
  readonly #stopped = new Set<number>();
  #isToStand = false;
  /** The resident-memory limit by which its processes are marked: the mark that costs least to see. */
  readonly #quietBytes: number;
  /** When the root began, in ticks since the system did. Nothing older belongs to the tree. */
  readonly #begun: number;

  constructor(root: TreeRoot) {
    this.#root = root;
    this.#quietBytes = quietBytesOf(root.run);
    this.#begun = readProcess(root.pid)?.begun ?? 0;
  }

  freeze(): void {
    this.#isToStand = true;
    if (this.#root.cgroup?.freeze() !== true) this.#signalAll('SIGSTOP');
  }

  thaw(): void {
    this.#isToStand = false;
    this.#root.cgroup?.thaw();
    // Its group was stopped as one: where the system shows no processes, nobody but the root is known by number.
    if (this.#root.cgroup === null && this.#stopped.size > 0) signal(-this.#root.pid, 'SIGCONT');
    for (const pid of this.#stopped) signal(pid, 'SIGCONT');
    this.#stopped.clear();
  }

  kill(): void {
    const inside = this.#insiders();
    const isKilled = this.#root.cgroup?.kill() === true;
    if (isKilled && this.#root.isEnclosed === true) return;
    // First nothing of it runs any more, so that nothing is born while the others die.
    const stopped = isKilled ? this.#signalLeavers('SIGSTOP', inside) : this.#signalAll('SIGSTOP');
    for (const pid of stopped) signal(pid, 'SIGKILL');
    if (!isKilled) signal(-this.#root.pid, 'SIGKILL');
  }

  /**
   * Freezes the tree before this returns, or some milliseconds later where the system confirms it so late, and then
   * kills it. The dying of many processes keeps a processor busy, and whatever else a stop has to cut does not wait for
   * that.
   */
  async freezeAndKill(): Promise<void> {
    this.freeze();
    await Promise.race([this.frozen(), wait(LIMITS.treeFreezeMs)]);
    this.kill();
  }

  /** Resolves once all of it is frozen, or has ended, as the system says; to false where it is not after some seconds. */
  async frozen(): Promise<boolean> {
    const { cgroup } = this.#root;
    if (cgroup === null) return true;
    const isStill = await until(() => cgroup.isFrozen || cgroup.isEmpty);
    // Not in the stop's own tick, because this looks at every process of the machine.
    if (this.#isToStand && this.#root.isEnclosed !== true) this.#signalLeavers('SIGSTOP', this.#insiders());
    return isStill;
  }

  async ended(): Promise<boolean> {
    const { cgroup, isEnclosed } = this.#root;
    const strangers = new Set<number>();
    const isGone = () => this.members(strangers).length === 0 && this.members().length === 0;
    const isAlone = cgroup !== null && isEnclosed === true;
    const isEnded = await until(() => cgroup?.isEmpty !== false && (isAlone || isGone()));
    cgroup?.remove();
    return isEnded;
  }

  /**
   * Ids of its processes that are alive, found without a control group. Processes in `strangers` are not looked at, and
   * others that turn out not to belong are added there: what never belonged to a tree does not come to, so that a
   * second look soon after costs little.
   */
  members(strangers = new Set<number>()): number[] {
    const found: number[] = [];
    this.#each(new Processes(), strangers, new Set(), (pid) => found.push(pid));
    return found;
  }

  /**
   * Calls `found` with each process as soon as it is known to belong: the others run on while the rest is read. Those
   * in `known` belong, and are not looked at again.
   */
  #each(
    processes: Processes,
    strangers: Set<number>,
    known: ReadonlySet<number>,
    found: (pid: number) => void,
  ): void {
    const { pid: root, run } = this.#root;
    const own = new Set(known);
    const take = ({ pid, state }: Process) => {
      own.add(pid);
      if (state !== 'Z') found(pid);
    };
    let others: Process[] = [];
    let isThere = false;
    // Those that came after the root first: most of them are its own.
    for (const process of processes.look((pid) => strangers.has(pid) || known.has(pid), root)) {
      isThere = true;
      const { pid, parent, group, session, quietBytes } = process;
      const isKin = pid === root || group === root || session === root || own.has(parent);
      if (isKin || quietBytes === this.#quietBytes) take(process);
      else others.push(process);
    }
    if (!isThere && strangers.size === 0 && signal(-root, 0)) found(root);
    const takeWhere = (isOwn: (process: Process) => boolean) => {
      others = others.filter((process) => {
        if (!isOwn(process)) return true;
        take(process);
        return false;
      });
    };
    // Looked at last, because it takes one more read of each process that began later than the root.
    takeWhere(
      ({ pid, parent, begun }) => parent !== KERNEL && begun >= this.#begun && processes.runOf(pid) === run,
    );
    for (let before = -1; own.size !== before; ) {
      before = own.size;
      takeWhere(({ parent }) => own.has(parent));
    }
    for (const { pid } of others) strangers.add(pid);
  }

  /** Signals all of them, looking again until a look finds none that was not signalled yet. Answers which were. */
  #signalAll(name: NodeJS.Signals): ReadonlySet<number> {
    // Reaches most of them at once, however long the looks take.
    signal(-this.#root.pid, name);
    const signalled = new Set<number>();
    this.#eachChild((pid) => this.#stop(pid, name, signalled));
    return this.#lookAndSignal(name, signalled);
  }

  /**
   * Signals processes that have left the control group: where its user may write the tree of groups, a program can move
   * itself elsewhere. Answers which they were.
   */
  #signalLeavers(name: NodeJS.Signals, inside: ReadonlySet<number>): ReadonlySet<number> {
    const known = new Set(inside);
    this.#lookAndSignal(name, known);
    return new Set([...known].filter((pid) => !inside.has(pid)));
  }

  #insiders(): ReadonlySet<number> {
    return new Set(this.#root.cgroup?.processes ?? []);
  }

  /** Signals every process that is not in `known` yet, adds it there, and answers `known`. */
  #lookAndSignal(name: NodeJS.Signals, known: Set<number>): ReadonlySet<number> {
    const strangers = new Set<number>();
    for (let look = 0, before = -1; look < LIMITS.treeLooks && known.size !== before; look++) {
      before = known.size;
      this.#each(Processes.ofThisTurn(), strangers, known, (pid) => this.#stop(pid, name, known));
    }
    return known;
  }

  #stop(pid: number, name: NodeJS.Signals, known: Set<number>): void {
    signal(pid, name);
    known.add(pid);
    this.#stopped.add(pid);
  }

  /**
   * Walks down from the root, as far as the system tells whose child each process is: one read of each, and none of
   * others.
   */
  #eachChild(found: (pid: number) => void): void {
    const { pid: root } = this.#root;
    if (readProcess(root)?.begun !== this.#begun) return;
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

/** Whether there is such a process, and it has not ended. */
export function isAlive(pid: number): boolean {
  if (!signal(pid, 0)) return false;
  return readProcess(pid)?.state !== 'Z';
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
