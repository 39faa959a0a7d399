import { closeSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** O_CLOEXEC, as Linux shows it in proc_pid_fdinfo(5). What Node opens itself has it. */
const CLOSES_ITSELF = 0o2000000;

/** Descriptors and what each leads to. */
export type Descriptors = ReadonlyMap<number, string>;

/**
 * What whoever began this process has left open beyond the first three, for its children too: Node closes such descriptors
 * for them up to the sixteenth at least, and no further. Empty where there is no /proc.
 */
export function inherited(): Descriptors {
  const found = new Map<number, string>();
  for (const name of descriptors()) {
    const leadsTo = whereTo(name);
    if (Number(name) > 2 && leadsTo !== null) found.set(Number(name), leadsTo);
  }
  return found;
}

/** Closes those that were there `before` and still are: what a thread of the runtime has open for a moment is no such one. */
export function closeInherited(before: Descriptors): void {
  for (const [descriptor, leadsTo] of inherited())
    if (before.get(descriptor) === leadsTo) closeSync(descriptor);
}

function descriptors(): string[] {
  try {
    return readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
}

/** Null where it closes by itself, or is not there any more. */
function whereTo(name: string): string | null {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${name}`, 'utf8');
    const flags = Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(info)?.[1] ?? '', 8);
    if (Number.isNaN(flags) || (flags & CLOSES_ITSELF) !== 0) return null;
    return readlinkSync(`/proc/self/fd/${name}`);
  } catch {
    return null;
  }
}
