const [SLASH, DOT] = [String.raw`(?:[\\/]|%2f|%5c)`, String.raw`(?:\.|%2e)`];
const STEP = new RegExp(`(?:^|${SLASH})(?:${DOT}{2}(?:${SLASH}|$)|${DOT}${SLASH})`, 'i');

/**
 * Whether a text has a step of `..` or `.` in it, however it is written. Servers put ids, branches and paths into the address
 * of a service as they are, and what sends it takes the steps: `repos/octo/sandbox/contents/../../production/contents/x` is in
 * another repository than the one that was decided on. Tabs and line breaks are left out of addresses by some.
 */
export function leadsElsewhere(text: string): boolean {
  return STEP.test(text.replace(/[\t\n\r]/g, ''));
}
