import { readDuration } from '../../base/duration.ts';
import { LIMITS } from '../../base/limits.ts';
import { didYouMean } from '../../base/nearest.ts';
import { isLevel, type Level } from '../../model/level.ts';
import { ROLES, type Role } from '../../model/person.ts';
import { type PolicyProblem, problemAt } from '../problem.ts';
import type { World } from '../world.ts';
import type { AnnotationSource, RuleSource } from './split.ts';

/** A rule's annotations, checked: what it says besides Cedar (docs/formats/interface.md, "What rules can name"). */
export interface Annotations {
  readonly id?: string;
  /** The sentence that people and agents read when this rule decides. */
  readonly reason?: string;
  /** Why a permit exists. */
  readonly need?: string;
  /** Whom a review asks: `owner`, `owner-or-backup`, `role:X`, `N of role:X`, `person:ID`. */
  readonly review?: string;
  readonly withinMs?: number;
  readonly trip?: Exclude<Level, 'live'>;
}

const ANNOTATIONS = ['id', 'reason', 'need', 'review', 'within', 'trip'] as const;
type Name = (typeof ANNOTATIONS)[number];

/** Ids of rules that no file can write. */
export const RESERVED_IDS = 'lanyard:';
const ID = new RegExp(`^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,${LIMITS.ruleIdLength - 1}}$`);

/** `inForce`: a set that was applied already starts all the same where people have left it since. */
export function readAnnotations(
  source: RuleSource,
  world: World,
  inForce = false,
): { annotations: Annotations; problems: PolicyProblem[] } {
  const problems: PolicyProblem[] = [];
  const texts = new Map<Name, string>();
  const places = new Map<Name, AnnotationSource>();
  for (const place of source.annotations) {
    const complain = (message: string, hint?: string) =>
      problems.push(problemAt(source.file, place.start, message, { hint }));
    const name = ANNOTATIONS.find((known) => known === place.name);
    const { value } = place;
    if (name === undefined)
      complain(`@${place.name} is no annotation of a rule`, didYouMean(place.name, ANNOTATIONS));
    else if (places.has(name))
      continue; // the official parser refuses a second one
    else if (value === null || value.trim() === '') complain(`@${name} needs a value`, EXAMPLES[name]);
    else if (value.length > LIMITS.annotationLength)
      complain(`@${name} is longer than ${LIMITS.annotationLength} characters`);
    else {
      places.set(name, place);
      texts.set(name, value);
    }
  }
  const complain = (name: Name, message: string, hint?: string, severity?: 'warning') =>
    problems.push(
      problemAt(source.file, places.get(name)?.start ?? source.start, message, {
        hint,
        ...(severity === undefined ? {} : { severity }),
      }),
    );
  checkTogether(source.effect, texts, complain);
  const review = texts.get('review');
  if (review !== undefined) checkReview(review, world, inForce, complain);
  return { annotations: readValues(texts, complain), problems };
}

type Complain = (name: Name, message: string, hint?: string, severity?: 'warning') => void;

const EXAMPLES: Readonly<Record<Name, string>> = {
  id: '@id("no-dotfiles")',
  reason: '@reason("Dotfiles hold secrets.")',
  need: '@need("The agent reads what it edits.")',
  review: '@review("owner"), "owner-or-backup", "role:reviewer", "2 of role:security" or "person:ada"',
  within: '@within("8h"); units are s, m, h and d',
  trip: '@trip("watched"), "frozen" or "killed"',
};

function checkTogether(effect: 'permit' | 'forbid', texts: ReadonlyMap<Name, string>, complain: Complain) {
  if (effect === 'permit') {
    // Any other Cedar engine ignores annotations, so on a permit they would make it less strict than ours.
    for (const name of ['review', 'trip'] as const)
      if (texts.has(name))
        complain(name, `@${name} stands on a permit`, `write permit and, beside it, @${name} on a forbid`);
    if (!texts.has('need'))
      complain('need', 'this permit does not say why it exists', EXAMPLES.need, 'warning');
  }
  if (texts.has('review') && texts.has('trip'))
    complain('trip', 'a rule carries @review or @trip, not both', 'write two rules');
  if (texts.has('within') && !texts.has('review'))
    complain('within', '@within says how long a review stays open, and this rule has no @review');
}

function readValues(texts: ReadonlyMap<Name, string>, complain: Complain): Annotations {
  const id = texts.get('id');
  if (id !== undefined) checkId(id, complain);
  const review = texts.get('review');
  const within = texts.get('within');
  const withinMs = within === undefined ? undefined : readWithin(within, complain);
  const trip = texts.get('trip');
  const level = trip === undefined ? undefined : readTrip(trip, complain);
  const reason = texts.get('reason');
  const need = texts.get('need');
  return {
    ...(id === undefined ? {} : { id }),
    ...(reason === undefined ? {} : { reason }),
    ...(need === undefined ? {} : { need }),
    ...(review === undefined ? {} : { review }),
    ...(withinMs === undefined ? {} : { withinMs }),
    ...(level === undefined ? {} : { trip: level }),
  };
}

function checkId(id: string, complain: Complain): void {
  if (!ID.test(id))
    complain(
      'id',
      `"${id}" cannot be an id`,
      'letters, digits and _ . : / -, beginning with a letter or digit',
    );
}

function checkReview(who: string, world: World, inForce: boolean, complain: Complain): void {
  if (who === 'owner' || who === 'owner-or-backup') return;
  const person = /^person:(.+)$/.exec(who)?.[1];
  if (person !== undefined) {
    const ids = world.people.map(({ id }) => id);
    const found = world.people.find(({ id }) => id === person);
    if (found === undefined) complain('review', `there is no person "${person}"`, didYouMean(person, ids));
    else if (found.disabled === true)
      complain(
        'review',
        `${person} is disabled and answers nothing`,
        undefined,
        inForce ? 'warning' : undefined,
      );
    return;
  }
  const parts = /^(?:([1-9][0-9]?) of )?role:(.+)$/.exec(who);
  const role = ROLES.find((known) => known === parts?.[2]);
  if (parts === null) complain('review', `"${who}" is nobody a review can ask`, EXAMPLES.review);
  else if (role === undefined)
    complain('review', `there is no role "${parts[2]}"`, didYouMean(parts[2] ?? '', ROLES));
  else {
    const never = whyNeverMet(world, role, Number(parts[1] ?? 1), parts[1] !== undefined);
    if (never !== null) complain('review', never, undefined, inForce ? 'warning' : undefined);
  }
}

/** Why the people there are can never meet this review, so that it would hold for good; null where they can. */
function whyNeverMet(
  { people, agents }: World,
  role: Role,
  needed: number,
  isQuorum: boolean,
): string | null {
  const able = people.filter(({ roles, disabled }) => roles.includes(role) && disabled !== true);
  if (able.length < needed) return `${needed} must answer, and ${able.length} have the role ${role}`;
  const alone = agents.find(({ owner }) => able.every(({ id }) => id === owner));
  if (!isQuorum || alone === undefined) return null;
  return `with a quorum the owner alone is not enough, and only ${alone.owner}, who owns ${alone.id}, has the role ${role}`;
}

function readWithin(text: string, complain: Complain): number | undefined {
  const ms = readDuration(text);
  if (ms !== null && ms > 0) return ms;
  complain('within', `"${text}" is no length of time`, EXAMPLES.within);
  return undefined;
}

function readTrip(text: string, complain: Complain): Exclude<Level, 'live'> | undefined {
  if (isLevel(text) && text !== 'live') return text;
  complain('trip', `"${text}" is no level a rule can trip`, EXAMPLES.trip);
  return undefined;
}
