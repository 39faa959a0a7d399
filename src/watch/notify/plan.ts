import type { Matter } from './matter.ts';
import { laneOf } from './matter.ts';
import { quietUntil } from './quiet-hours.ts';
import type { PersonReach } from './reach.ts';

/** What planning has to know of the house, as it is in force now. */
export interface Directory {
  /** Ids of the people with a role who are not disabled, in order. */
  peopleOf(role: string): readonly string[];
  everyone(): readonly string[];
  ownerOf(agent: string): string | undefined;
  backupOf(agent: string): string | undefined;
  /** Another text once other people can answer questions at all, or have other roles. */
  electorate(): string;
  /** Who may answer this question now; null: nothing is known of it here, so what was recorded of it stands. */
  mayAnswer(approval: string): readonly string[] | null;
  /** Who answers for the agents that a stop of this scope is about, first owners, then backups; bounded. */
  answerableFor(scope: string): Promise<Answerable>;
  reachOf(person: string): PersonReach | undefined;
}

export interface Answerable {
  readonly owners: readonly string[];
  readonly backups: readonly string[];
}

export interface Timing {
  readonly backupAfterMs: number;
  readonly roleAfterMs: number;
  readonly role: string;
  readonly pageEveryMs: number;
}

interface Plan {
  /** Who is to be told now, and over what. */
  readonly due: readonly { readonly person: string; readonly channel: string }[];
  /** When to look again. */
  readonly nextMs: number;
}

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Whom to tell of a matter now: first those it is for; after a while the agent's backup, then whoever has the role. The
 * next are told at once where fewer of those before them than must answer can be reached now: all their channels were given
 * up on, none is configured, or their hours are quiet. For a page no hours are quiet, and when its own people have no channel,
 * anybody's will do.
 */
export function planFor(matter: Matter, nowMs: number, directory: Directory, timing: Timing): Plan {
  const due: { person: string; channel: string }[] = [];
  let nextMs = matter.expiresMs ?? NEVER;
  if (nextMs <= nowMs) return { due, nextMs: NEVER };
  const seen = new Set(matter.answered);
  let reachable = 0;
  const enough = Math.max(1, matter.needs - matter.answered.length);
  for (const { afterMs, people } of stagesOf(matter, directory, timing)) {
    const opensMs = matter.openedMs + afterMs;
    if (opensMs > nowMs && reachable >= enough) {
      nextMs = Math.min(nextMs, opensMs);
      break;
    }
    for (const person of people) {
      if (seen.has(person)) continue;
      seen.add(person);
      const found = planPerson(matter, person, directory.reachOf(person), nowMs, timing);
      due.push(...found.due.map((channel) => ({ person, channel })));
      nextMs = Math.min(nextMs, found.nextMs);
      if (found.reachable) reachable++;
    }
  }
  return { due, nextMs };
}

interface Stage {
  readonly afterMs: number;
  readonly people: readonly string[];
}

function stagesOf(matter: Matter, directory: Directory, timing: Timing): Stage[] {
  // Somebody may be taking another's place: whoever can be told is told.
  if (matter.subject === 'recovery') return [{ afterMs: 0, people: directory.everyone() }];
  const { agent } = matter;
  const owner = agent === undefined ? undefined : directory.ownerOf(agent);
  const backup = agent === undefined ? undefined : directory.backupOf(agent);
  const backups = matter.backups ?? (backup === undefined ? [] : [backup]);
  const named = matter.people.length > 0 ? matter.people : owner === undefined ? [] : [owner];
  const addressed = named.flatMap((who) =>
    who.startsWith('role:') ? directory.peopleOf(who.slice('role:'.length)) : [who],
  );
  // Where the owner is among them, her backup comes after her.
  const isOwners = owner !== undefined && addressed.includes(owner);
  const first = isOwners ? addressed.filter((who) => who !== backup) : addressed;
  return [
    { afterMs: 0, people: first },
    { afterMs: timing.backupAfterMs, people: backups },
    { afterMs: timing.roleAfterMs, people: directory.peopleOf(timing.role) },
    ...(matter.page
      ? [
          { afterMs: timing.roleAfterMs, people: directory.peopleOf('admin') },
          { afterMs: NEVER, people: directory.everyone() },
        ]
      : []),
  ];
}

function planPerson(
  matter: Matter,
  person: string,
  reach: PersonReach | undefined,
  nowMs: number,
  { pageEveryMs }: Timing,
): { due: string[]; nextMs: number; reachable: boolean } {
  const channels = reach?.channels ?? [];
  const told = ({ id }: { id: string }) => matter.told[laneOf(person, id)];
  const alive = channels.filter((channel) => told(channel)?.dead !== true);
  const quiet = reach?.quiet === undefined || matter.page ? null : quietUntil(reach.quiet, nowMs);
  if (quiet !== null) return { due: [], nextMs: quiet, reachable: alive.some((channel) => told(channel)) };
  let nextMs = NEVER;
  const due: string[] = [];
  for (const channel of channels) {
    const last = told(channel);
    const againMs = last === undefined ? nowMs : matter.page ? last.atMs + pageEveryMs : NEVER;
    if (againMs <= nowMs) due.push(channel.id);
    else nextMs = Math.min(nextMs, againMs);
  }
  return { due, nextMs, reachable: alive.length > 0 };
}
