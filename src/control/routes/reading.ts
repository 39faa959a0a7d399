import { problem } from '../../base/errors.ts';
import type { Reads } from '../reads.ts';
import type { Answer, Call } from '../route.ts';

const MENDING = { refused: problem('SET_CANNOT_START') };

/** Answers what a running instance shows; one that waits to be mended shows nothing. */
export async function readsOf(
  { port }: Call<unknown, unknown>,
  read: (reads: Reads) => Promise<unknown>,
): Promise<Answer> {
  return port.reads === null ? MENDING : { value: await read(port.reads) };
}
