import { MAINTAINER } from './profiles.ts';

export interface Page {
  readonly url: string;
  readonly title: string;
  readonly text: string;
}

/** The web of the demo: invented, and without a network. */
const PAGES: readonly Page[] = [
  {
    url: 'https://plotkit.example/contributing',
    title: 'Contributing to plotkit',
    text: 'Every pull request needs a person who has read it and answers for it. Others are closed.',
  },
  {
    url: 'https://talks.example/2019/voss',
    title: `${MAINTAINER.name}: what I got wrong in version 1`,
    text: 'A talk about early mistakes in plotkit, and what the project learnt from them.',
  },
  {
    url: 'https://forum.example/t/plotkit-2-delay',
    title: 'Why is plotkit 2 late?',
    text: `${MAINTAINER.name} explains that a family matter comes first this spring.`,
  },
];

/** Pages that hold every word of the query. */
export function findPages(query: string): readonly Omit<Page, 'text'>[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return PAGES.filter((page) => {
    const text = `${page.title} ${page.text}`.toLowerCase();
    return words.every((word) => text.includes(word));
  }).map(({ url, title }) => ({ url, title }));
}

export function pageAt(url: string): Page {
  const found = PAGES.find((page) => page.url === url);
  if (found === undefined) throw new Error(`nothing is found at ${url}`);
  return found;
}
