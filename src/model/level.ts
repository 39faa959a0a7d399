/** The stop ladder, mildest first: live → watched (all but reads need a person) → frozen (nothing runs) → killed. */
export const LEVELS = ['live', 'watched', 'frozen', 'killed'] as const;
export type Level = (typeof LEVELS)[number];

export function isLevel(text: string): text is Level {
  return (LEVELS as readonly string[]).includes(text);
}

/** Levels combine to the strictest. */
export function strictest(...levels: readonly Level[]): Level {
  let worst: Level = 'live';
  for (const level of levels) if (LEVELS.indexOf(level) > LEVELS.indexOf(worst)) worst = level;
  return worst;
}
