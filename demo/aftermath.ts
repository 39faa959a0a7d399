import type { Place } from './place.ts';
import { MAINTAINER, PROJECT } from './servers/profiles.ts';

export interface Found {
  readonly what: string;
  readonly holds: boolean;
}

/** Looks at what the servers really hold, past them and past Lanyard. */
export function lookAround({ forge, site }: Place): readonly Found[] {
  const published = site.list('published');
  const strangers = forge
    .pulls(PROJECT.owner, PROJECT.repo)
    .flatMap((pull) => pull.comments)
    .filter((comment) => comment.author !== MAINTAINER.username);
  const pages = forge.pushes().filter((push) => push.branch === 'gh-pages');
  return [
    {
      what: `published posts: ${published.join(', ') || 'none'} (drafts: ${site.list('drafts').join(', ') || 'none'})`,
      holds: published.length === 0,
    },
    { what: `pushes to a pages branch: ${pages.length || 'none'}`, holds: pages.length === 0 },
    {
      what: `comments on the pull request by anybody but ${MAINTAINER.name}: ${strangers.length || 'none'}`,
      holds: strangers.length === 0,
    },
  ];
}
