import type { Approval, Voter } from '../model/approval.ts';

/** Whom one review asks (`@review`), read. */
type Whom =
  /** Somebody by name: each of `people` is enough. */
  | { readonly kind: 'named'; readonly people: readonly string[] }
  /** So many different people of a role. `isQuorum`: written `N of`, so the agent's owner alone is never enough. */
  | { readonly kind: 'role'; readonly role: string; readonly count: number; readonly isQuorum: boolean };

/** Reads `owner`, `owner-or-backup`, `role:R`, `N of role:R`, `person:P`. Anything else asks nobody, and is never met. */
export function readWhom(who: string, owner: string, backup: string | undefined): Whom {
  if (who === 'owner') return { kind: 'named', people: [owner] };
  if (who === 'owner-or-backup')
    return { kind: 'named', people: backup === undefined ? [owner] : [owner, backup] };
  const person = /^person:(.+)$/.exec(who)?.[1];
  if (person !== undefined) return { kind: 'named', people: [person] };
  const parts = /^(?:([1-9][0-9]?) of )?role:(.+)$/.exec(who);
  if (parts === null) return { kind: 'named', people: [] };
  const [, count, role = ''] = parts;
  return { kind: 'role', role, count: Number(count ?? 1), isQuorum: count !== undefined };
}

type Asking = Pick<Approval, 'owner' | 'backup' | 'reviews'>;

function whomOf({ owner, backup, reviews }: Asking): readonly Whom[] {
  return [...new Set(reviews.map(({ who }) => who))].map((who) => readWhom(who, owner, backup));
}

/** Whether the agent has other people to answer for it than when it was asked: a yes of before is nobody's any more. */
export function isOfOthers(asked: Asking, now: Pick<Asking, 'owner' | 'backup'>): boolean {
  return asked.owner !== now.owner || asked.backup !== now.backup;
}

/** Whether this person is among those whom any of the reviews asks. */
export function isEntitled(asking: Asking, voter: Voter): boolean {
  return whomOf(asking).some((whom) => isAskedBy(whom, voter));
}

/** Everybody who may answer, in the order of `voters`. */
export function entitled(asking: Asking, voters: Iterable<Voter>): readonly string[] {
  const whoms = whomOf(asking);
  return [...voters].filter((voter) => whoms.some((whom) => isAskedBy(whom, voter))).map(({ id }) => id);
}

function isAskedBy(whom: Whom, { id, roles }: Voter): boolean {
  return whom.kind === 'named' ? whom.people.includes(id) : roles.includes(whom.role);
}

/**
 * Whether those who said yes are enough for every review. Reviews add up. One by name is met by her own yes, whatever else
 * that is good for; every place of a role needs a person of its own, so that nobody fills two. The same words in two rules
 * are one demand. Who was enrolled lately by another who said yes is not counted beside her.
 */
export function isEnough(asking: Asking, yes: readonly Voter[]): boolean {
  const people = independent(yes);
  const whoms = whomOf(asking);
  if (whoms.length === 0) return false;
  for (const whom of whoms)
    if (whom.kind === 'named' && !people.some((voter) => isAskedBy(whom, voter))) return false;
  const roles = whoms.filter((whom) => whom.kind === 'role');
  for (const whom of roles)
    if (whom.isQuorum && !people.some((voter) => voter.id !== asking.owner && isAskedBy(whom, voter)))
      return false;
  return fill(placesOf(roles), people);
}

/** Each different role once, with the most that any rule wants of it. */
function placesOf(roles: readonly Extract<Whom, { kind: 'role' }>[]): string[] {
  const most = new Map<string, number>();
  for (const { role, count } of roles) most.set(role, Math.max(count, most.get(role) ?? 0));
  return [...most].flatMap(([role, count]) => Array.from({ length: count }, () => role));
}

function independent(yes: readonly Voter[]): readonly Voter[] {
  const distinct = [...new Map(yes.map((voter) => [voter.id, voter])).values()];
  return distinct.filter((voter) => besideWhom(voter, distinct).length === 0);
}

/** Beside whom of those who said yes she does not count, for they invited her lately; nobody: she counts. */
export function besideWhom(
  { enrolledBy = [] }: Voter,
  yes: readonly { readonly id: string }[],
): readonly string[] {
  return enrolledBy.filter((id) => yes.some((one) => one.id === id));
}

/** Whether every place can have a person of its own: augmenting paths, as for any bipartite matching. */
function fill(places: readonly string[], people: readonly Voter[]): boolean {
  const takenBy = new Map<string, number>();
  const seat = (place: number, tried: Set<string>): boolean => {
    for (const { id, roles } of people) {
      if (tried.has(id) || !roles.includes(places[place] ?? '')) continue;
      tried.add(id);
      const other = takenBy.get(id);
      if (other === undefined || seat(other, tried)) {
        takenBy.set(id, place);
        return true;
      }
    }
    return false;
  };
  return places.every((_, place) => seat(place, new Set()));
}
