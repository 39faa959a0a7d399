/** The known name most like a mistyped one, for hints; undefined where none is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestCost = Math.max(1, Math.floor(Math.min(name.length, LONGEST) / 3)) + 1;
  for (const candidate of known) {
    if (candidate.length > LONGEST || name.length > LONGEST) continue;
    if (Math.abs(candidate.length - name.length) >= bestCost) continue;
    const cost = distance(name.toLowerCase(), candidate.toLowerCase());
    if (cost < bestCost) {
      best = candidate;
      bestCost = cost;
    }
  }
  return best;
}

const LONGEST = 200;

/** Edits (insert, remove, replace, swap neighbours) between two names. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replace);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** The hint itself, where a name is near. `quote`: as the sentence around it quotes names. */
export function didYouMean(
  name: string,
  known: Iterable<string>,
  quote: '"' | '`' = '"',
): string | undefined {
  const near = nearest(name, known);
  return near === undefined ? undefined : `did you mean ${quote}${near}${quote}?`;
}

/** How a sentence about a name that is not known ends: with the hint, or where none is near with the names that there are. */
export function orNearest(name: string, known: Iterable<string>): string {
  const names = [...known];
  const hint = didYouMean(name, names);
  if (hint !== undefined) return `; ${hint}`;
  if (names.length === 0) return '; none is configured.';
  const more = names.length - NAMED;
  return `; there ${names.length === 1 ? 'is' : 'are'} ${names.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

/** Names that a sentence lists. */
const NAMED = 10;
