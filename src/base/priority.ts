import { setPriority } from 'node:os';

/** How far work in the background steps back, of the 19 steps that there are (nice). */
const STEPS = 10;

/**
 * This thread gives way to every other that wants the processor: for work that nobody waits for. Under Linux alone, where
 * a priority belongs to a thread; anywhere else the whole process would step back. Never the threads of V8: the main
 * thread waits for them whenever it collects, four times as long where others keep the processors busy (measured), and
 * calls and stops wait with it.
 */
export function stepBack(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, STEPS);
  } catch {
    // It is slower so, and right all the same.
  }
}
