import { existsSync, mkdirSync, readFileSync, realpathSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** One control group of version 2 (Linux, Documentation/admin-guide/cgroup-v2.rst): whatever a program starts is in it. */
export class Cgroup {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** A new group for a run, beside whoever makes it; null where there is no writable tree with freezer and kill. */
  static make(run: string): Cgroup | null {
    const parent = ownGroup();
    if (parent === null) return null;
    const path = join(parent, `lanyard-${run}`);
    try {
      mkdirSync(path);
    } catch {
      return null;
    }
    const made = new Cgroup(path);
    if (made.#has('cgroup.freeze') && made.#has('cgroup.kill')) return made;
    made.remove();
    return null;
  }

  /** The group that somebody else made for a run; null where that is none. */
  static at(path: string, run: string): Cgroup | null {
    if (basename(path) !== `lanyard-${run}` || !existsSync(path) || realpathSync(path) !== path) return null;
    const mounts = unifiedMounts();
    const found = new Cgroup(path);
    return mounts.some((mount) => path.startsWith(`${mount}/`)) && found.#has('cgroup.kill') ? found : null;
  }

  /** Each says whether it was done; where the group is gone, there is nothing to be done. */
  freeze(): boolean {
    return this.#write('cgroup.freeze', '1');
  }

  thaw(): boolean {
    return this.#write('cgroup.freeze', '0');
  }

  kill(): boolean {
    return this.#write('cgroup.kill', '1');
  }

  get isFrozen(): boolean {
    return /^frozen 1$/m.test(this.#read('cgroup.events'));
  }

  get isEmpty(): boolean {
    return !/^populated 1$/m.test(this.#read('cgroup.events'));
  }

  /** Ids of those in it, but for groups within it. */
  get processes(): number[] {
    return this.#read('cgroup.procs')
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 1);
  }

  /** Sets a limit where its controller is there; whether it was. */
  limit(file: 'memory.max' | 'pids.max', value: number): boolean {
    if (!this.#has(file)) return false;
    return this.#write(file, String(value));
  }

  remove(): void {
    try {
      rmdirSync(this.path);
    } catch {
      // Something in it is still ending; an empty group that stays harms nobody.
    }
  }

  #has(file: string): boolean {
    return existsSync(join(this.path, file));
  }

  #write(file: string, text: string): boolean {
    try {
      writeFileSync(join(this.path, file), text);
      return true;
    } catch {
      return !existsSync(this.path);
    }
  }

  #read(file: string): string {
    try {
      return readFileSync(join(this.path, file), 'utf8');
    } catch {
      return '';
    }
  }
}

/** Where version 2 is mounted: at /sys/fs/cgroup, or beside version 1 at …/unified. */
function unifiedMounts(): string[] {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => / - cgroup2 /.test(line))
      .map((line) => line.split(' ')[4] ?? '')
      .filter((mount) => mount !== '');
  } catch {
    return [];
  }
}

function ownGroup(): string | null {
  const [mount] = unifiedMounts();
  if (mount === undefined) return null;
  const own = /^0::(\/.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  const path = join(mount, own);
  return existsSync(path) ? path.replace(/\/$/, '') : null;
}
