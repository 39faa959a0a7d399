/**
 * `npm run screens`: every page of the console before the mock, in both themes and both sizes, as docs/screens/*.png.
 * Fails where a page overflows its width or a request leaves the instance.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../source-tree.ts';
import { launch, SIZES } from './browser.ts';
import { openStage } from './stage.ts';
import { arrive, enter, NOW_MS, PAGES, type Size, type Theme } from './visit.ts';

const LOOKS = [
  ['desktop', 'light'],
  ['desktop', 'dark'],
  ['phone', 'light'],
  ['phone', 'dark'],
] as const;

/** What stands folded on a page, and what opens it. */
const OPENED: Readonly<Record<string, readonly [path: string, opener: string]>> = {
  edit: [PAGES['approval-text'] ?? '', 'Change the arguments'],
  less: [PAGES['approval'] ?? '', 'Ask less like this'],
  explain: [PAGES['action'] ?? '', 'Explain this decision, rule by rule'],
  look: [PAGES['agent'] ?? '', 'Look at what it did'],
};
/** What is waited for then, and what stands at the top of the picture. */
const SEEN: Readonly<Record<string, readonly [text: string, top: string]>> = {
  edit: ['Use these instead', 'Change the arguments'],
  less: ['Apply this rule', 'Ask less like this'],
  explain: ['because of comments-need-a-person', 'because of comments-need-a-person'],
  look: ['I have looked at what', 'since the last look'],
};
/** As much of an element of the page as is used here. */
interface Place {
  readonly style: { scrollMarginTop: string };
  scrollIntoView(how: object): void;
}
/** Runs in the page. Below the strip, which stays where it is. */
function toTheTop(place: Place): void {
  place.style.scrollMarginTop = '90px';
  place.scrollIntoView({ block: 'start', behavior: 'instant' });
}

const only = process.argv[2] ?? '';
const stage = await openStage(NOW_MS);
const browser = await launch();
const place = join(ROOT, 'docs', 'screens');
mkdirSync(place, { recursive: true });
const context = await browser.newContext();
const visit = await arrive(context, stage.url);
for (const [size, theme] of LOOKS) {
  await visit.look(size, theme);
  await shoot('sign-in', size, theme);
}
await enter(context, visit);
for (const [name, path] of Object.entries(PAGES)) {
  if (!name.startsWith(only)) continue;
  await visit.go(path);
  for (const [size, theme] of LOOKS) {
    await visit.look(size, theme);
    await shoot(name, size, theme);
  }
}
for (const [name, [path, opener]] of Object.entries(OPENED)) {
  if (!name.startsWith(only)) continue;
  await visit.go(path);
  const place = visit.page.getByText(opener).first();
  await place.click();
  for (const [size, theme] of LOOKS) {
    await visit.look(size, theme);
    const [text, top] = SEEN[name] ?? [opener, opener];
    await visit.page.getByText(text).first().waitFor();
    await visit.page.getByText(top).first().evaluate(toTheTop);
    await shoot(name, size, theme);
  }
}
await browser.close();
await stage.close();
for (const line of visit.troubles) console.error(line);
process.exitCode = visit.troubles.length === 0 ? 0 : 1;

async function shoot(name: string, size: Size, theme: Theme): Promise<void> {
  const width = await visit.page.evaluate<number>('document.documentElement.scrollWidth');
  if (width > SIZES[size].width) visit.troubles.push(`${name}, ${size}: the page is ${width} wide`);
  await visit.page.screenshot({ path: join(place, `${name}-${size}-${theme}.png`) });
}
