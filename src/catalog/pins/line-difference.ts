/** One line of a difference. */
interface DifferenceLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** Work that one difference may cost; beyond, everything is shown as removed and added, which is true as well. */
const MOST_CELLS = 4_000_000;

/** The shortest line difference (longest common subsequence) from `before` to `after`. */
export function compareLines(before: readonly string[], after: readonly string[]): readonly DifferenceLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const [a, b] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  const middle = a.length * b.length > MOST_CELLS ? replaceAll(a, b) : compareMiddle(a, b);
  return [...keep(before.slice(0, start)), ...middle, ...keep(before.slice(before.length - end))];
}

const keep = (lines: readonly string[]): DifferenceLine[] => lines.map((text) => ({ sign: ' ', text }));

function replaceAll(a: readonly string[], b: readonly string[]): DifferenceLine[] {
  return [
    ...a.map((text) => ({ sign: '-' as const, text })),
    ...b.map((text) => ({ sign: '+' as const, text })),
  ];
}

function compareMiddle(a: readonly string[], b: readonly string[]): DifferenceLine[] {
  const width = b.length + 1;
  /** common[i * width + j]: the longest common subsequence of a from i and b from j. */
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] =
        a[i] === b[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
    }
  }
  const lines: DifferenceLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      lines.push({ sign: ' ', text: left });
      i++;
      j++;
    } else if (
      left !== undefined &&
      (right === undefined || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      lines.push({ sign: '-', text: left });
      i++;
    } else if (right !== undefined) {
      lines.push({ sign: '+', text: right });
      j++;
    }
  }
  return lines;
}
