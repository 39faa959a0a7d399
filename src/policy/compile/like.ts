import { asString, build, type Compiled } from './evaluation.ts';

/** `like`: null stands for any text, also none. Linear in the text, so no pattern can be made expensive. */
export function compileLike(of: Compiled, pattern: readonly (string | null)[]): Compiled {
  const pieces = [''];
  for (const element of pattern) {
    if (element === null) pieces.push('');
    else pieces.push((pieces.pop() ?? '') + element);
  }
  const matches = pieces.length === 1 ? (text: string) => text === pieces[0] : matcher(pieces);
  return build([of], (scene) => matches(asString(of.evaluate(scene))));
}

/** The pieces between wildcards, in order: the first at the start, the last at the end, the others leftmost first. */
function matcher(pieces: readonly string[]): (text: string) => boolean {
  const first = pieces[0] ?? '';
  const last = pieces[pieces.length - 1] ?? '';
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '');
  return (text) => {
    if (text.length < first.length + last.length) return false;
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}
