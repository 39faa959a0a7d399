/** A mapping of a configuration as it stands in the file, before its shape is known. */
export type Fields = Readonly<Record<string, unknown>>;
/** The mapping, or an empty one where there is none. */
export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
/** The list, or an empty one where there is none. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
