/**
 * What normalising a path needs of the file system; given to this room, which does no I/O itself. Paths are absolute.
 * Whoever implements it must fail closed, as each sentence says.
 */
export interface FileView {
  /**
   * The real path of something that exists, every link resolved, in the file system's own spelling where it has one
   * (realpath(3)). Null for every failure.
   */
  realpath(path: string): string | null;
  /**
   * Whether something stands under this very name, links not followed (lstat(2)). False only for ENOENT and ENOTDIR:
   * a name that cannot be looked at counts as present.
   */
  present(path: string): boolean;
  /** The names in a directory; null when it cannot be listed. Asked only about names that may have another Unicode form. */
  names(directory: string): readonly string[] | null;
}

/** The same view, asked about each path once: for one action, whose arguments may name a place many times. */
export function remember(files: FileView): FileView {
  const real = new Map<string, string | null>();
  return {
    realpath(path) {
      const known = real.get(path);
      if (known !== undefined) return known;
      const found = files.realpath(path);
      real.set(path, found);
      return found;
    },
    present: (path) => files.present(path),
    names: (directory) => files.names(directory),
  };
}
