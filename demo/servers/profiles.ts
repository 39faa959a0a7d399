/** People and projects of the demo. All of them are invented. */

export const PROJECT = { owner: 'ridgeline', repo: 'plotkit' } as const;
export const MAINTAINER = { username: 'mvoss', name: 'Mara Voss' } as const;
/** The agent's account on the forge, and the repository that its own web site is built from. */
export const ACCOUNT = 'tern-agent';
export const OWN_SITE = { owner: ACCOUNT, repo: 'site' } as const;

interface Profile {
  readonly username: string;
  readonly name: string;
  readonly about: string;
}

const PROFILES: readonly Profile[] = [
  { ...MAINTAINER, about: 'Maintains plotkit in the evenings. Lives near the coast.' },
  { username: ACCOUNT, name: 'Tern', about: 'A coding agent. Its owner is named in its pull requests.' },
];

export function profileOf(username: string): Profile {
  const found = PROFILES.find((profile) => profile.username === username);
  if (found === undefined) throw new Error(`there is no user ${username}`);
  return found;
}
