/** One thing wrong with a configuration, or worth a warning: where, what, and what would help. */
export interface ConfigurationProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Where a value stands in the file: `['agents', 0, 'owner']`. */
export type Path = readonly PropertyKey[];
/** The position of what stands at a path, or of the nearest enclosing thing that stands in the file. */
export type Locate = (path: Path) => { readonly line: number; readonly column: number };

/** `agents[0].owner` */
export function describe(path: Path): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`))
    .join('');
}
