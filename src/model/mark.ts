/** What a session has read, as a label that rules can see; in this order wherever several stand. */
export const MARKS = ['untrusted', 'personal', 'secret'] as const;
export type Mark = (typeof MARKS)[number];

export function isMark(text: string): text is Mark {
  return (MARKS as readonly string[]).includes(text);
}
