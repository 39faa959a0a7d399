import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** How far work in the background steps back, of the 19 steps that there are (nice). */
const STEPS = 10;

/**
 * This thread gives way to every other that wants the processor: for work that nobody waits for. Under Linux alone, where
 * a priority belongs to a thread; anywhere else the whole process would step back.
 */
export function stepBack(): void {
  if (process.platform === 'linux') stepBackAs(0);
}

/**
 * The same for the threads on which V8 compiles and collects. Where processors are few they would stand in the way of
 * the very calls that they compile for: the first 4,000 after a start take a tenth longer (measured).
 */
export function stepBackHelpers(): void {
  if (process.platform !== 'linux') return;
  const threads = '/proc/self/task';
  try {
    for (const id of readdirSync(threads))
      if (readFileSync(`${threads}/${id}/comm`, 'latin1').startsWith('V8Worker')) stepBackAs(Number(id));
  } catch {
    // Without /proc, or with a thread that has just ended: all is as before.
  }
}

function stepBackAs(thread: number): void {
  try {
    setPriority(thread, STEPS);
  } catch {
    // It is slower so, and right all the same.
  }
}
