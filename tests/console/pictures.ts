import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SIZES } from './browser.ts';
import { PAGES, type Size, type Theme, type Visit } from './visit.ts';

/** Each page is looked at like this, the ones that axe reads first. */
export const LOOKS: readonly (readonly [Size, Theme])[] = [
  ['phone', 'dark'],
  ['desktop', 'light'],
  ['phone', 'light'],
  ['desktop', 'dark'],
];

/** What stands folded on a page: what opens it, what is waited for then, and what stands at the top of the picture. */
interface Folded {
  readonly path: string;
  readonly opener: string;
  readonly shows: string;
  readonly top: string;
}
export const FOLDED: Readonly<Record<string, Folded>> = {
  edit: {
    path: PAGES['approval-text'] ?? '',
    opener: 'Change the arguments',
    shows: 'Use these instead',
    top: 'Change the arguments',
  },
  less: {
    path: PAGES['approval'] ?? '',
    opener: 'Ask less like this',
    shows: 'Apply this rule',
    top: 'Ask less like this',
  },
  explain: {
    path: PAGES['action'] ?? '',
    opener: 'Explain this decision, rule by rule',
    shows: 'because of comments-need-a-person',
    top: 'because of comments-need-a-person',
  },
  look: {
    path: PAGES['agent'] ?? '',
    opener: 'Look at what it did',
    shows: 'I have looked at what',
    top: 'since the last look',
  },
};

/** Every picture that docs/screens holds. */
export const PICTURES: readonly string[] = [...Object.keys(PAGES), ...Object.keys(FOLDED)].flatMap((name) =>
  LOOKS.map(([size, theme]) => fileOf(name, size, theme)),
);

function fileOf(name: string, size: Size, theme: Theme): string {
  return `${name}-${size}-${theme}.png`;
}

/** Where they go: SCREENS names a directory (`npm run screens`: docs/screens), else one that nobody keeps. */
export function openGallery(): string {
  const named = process.env['SCREENS'];
  if (named === undefined) return mkdtempSync(join(tmpdir(), 'lanyard-screens-'));
  mkdirSync(named, { recursive: true });
  return named;
}

/** Takes the picture of a page as it stands; answers how wide the page is, and how wide it may be. */
export async function shoot(
  { page }: Visit,
  gallery: string,
  name: string,
  [size, theme]: readonly [Size, Theme],
): Promise<{ readonly width: number; readonly most: number }> {
  // No pointer rests on anything, and what was scrolled to is painted.
  await page.mouse.move(0, 0);
  await page.evaluate(PAINTED);
  await page.screenshot({ path: join(gallery, fileOf(name, size, theme)) });
  const width = await page.evaluate<number>('document.documentElement.scrollWidth');
  return { width, most: SIZES[size].width };
}

const PAINTED = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';

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

export async function unfold({ page }: Visit, { opener }: Folded): Promise<void> {
  await page.getByText(opener).first().click();
}

export async function showFolded({ page }: Visit, { shows, top }: Folded): Promise<void> {
  await page.getByText(shows).first().waitFor();
  await page.getByText(top).first().evaluate(toTheTop);
}
