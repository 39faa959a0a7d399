/** Members that may be undefined become ones that may be absent. */
type Stated<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * The same members in the same order, without those that are undefined. For what is made with every call: a literal with
 * a dozen `...(x === undefined ? {} : { x })` says the same and takes seven times as long until V8 has compiled it, which
 * is thousands of calls (measured: 14 µs and 2).
 */
export function stated<const T extends object>(members: T): Stated<T> {
  const found: { [key: string]: unknown } = {};
  for (const key in members) {
    const value = members[key];
    if (value !== undefined) found[key] = value;
  }
  return found as Stated<T>;
}

/** A list that says something, or undefined. */
export function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
