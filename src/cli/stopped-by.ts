import type { JsonObject } from '../base/json.ts';
import { asSentence } from '../base/sentence.ts';
import { objectOf, rowsOf, textsIn } from './answer.ts';
import { ask } from './instance.ts';

/** Each one is looked up in the log, and whoever asks wants the answer now. */
const MOST = 5;

/**
 * Why scopes are stopped and where that is looked into, a sentence for each that has an open case; the newest five. What
 * cannot be had is left out: it explains, and what it is beside is said all the same.
 */
export async function whyStopped(
  config: string,
  scopes: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const says = new Map<string, string>();
  try {
    const open = rowsOf(await ask(config, 'GET /v1/cases')).filter(({ closed }) => closed === null);
    const wanted = open.filter(({ scope }) => scopes.includes(String(scope)));
    for (const { case: id, scope } of wanted.slice(-MOST)) {
      const found = objectOf(await ask(config, 'POST /v1/case', { case: String(id) }));
      says.set(String(scope), sentenceOf(found, String(id)));
    }
  } catch {
    return says;
  }
  return says;
}

function sentenceOf(found: JsonObject, id: string): string {
  // The newest: an open case may have been begun by a stop that was released since.
  const stop = rowsOf(found['stops']).at(-1);
  const look = `./lanyard cases show ${id} says what was done before`;
  if (stop === undefined) return look;
  const rules = textsIn(stop['rules']);
  const by = rules.length > 0 ? rules.join(', ') : String(stop['person'] ?? stop['by']);
  const why = typeof stop['why'] === 'string' ? `: ${asSentence(stop['why'])}` : '.';
  return `Stopped by ${by} at ${String(stop['at'])}${why} ${look}`;
}
