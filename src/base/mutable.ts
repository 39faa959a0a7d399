/** A value while it is put together, before anyone else sees it. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };
