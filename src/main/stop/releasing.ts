import { toInstant } from '../../base/clock.ts';
import { isJsonObject } from '../../base/json.ts';
import { isScope, type Scope } from '../../containment/levels.ts';
import type { FirstWordGiven } from '../../contract/control-reads.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import { type About, whyNot } from '../../pipeline/acts/rights.ts';
import type { KilledRelease } from '../../pipeline/stop/release-killed.ts';
import type { House } from '../house.ts';
import { agentsIn } from './scope.ts';

/** The agents that a scope stops as a whole; everything is nobody's own. */
export function aboutScope({ standing }: House, scope: string): About {
  return scope === 'all' ? {} : { agents: agentsIn(scope, standing.inForce.agents.values()) };
}

/** What it takes to bring back what was killed: two people who could sign its release and count beside each other. */
export function killedRelease(house: House): KilledRelease {
  const { clock, electorate, firstWords: words, halt, standing } = house;
  return {
    halt,
    words,
    now: () => clock.now(),
    releasers: {
      entitled(about) {
        const people = standing.inForce.people;
        return [...electorate.voters().keys()].filter((id) => {
          const person = people.get(id);
          return person !== undefined && whyNot(person, 'release', false, about) === null;
        });
      },
      areIndependent(one, other) {
        const voters = electorate.voters();
        const enrolled = (id: string, by: string) => voters.get(id)?.enrolledBy?.includes(by) === true;
        return !enrolled(one, other) && !enrolled(other, one);
      },
    },
  };
}

/** Whose first word stands for what is killed, and since when: whoever gives the second sees it. */
export function firstWordsOf({ clock, firstWords, halt }: House): Map<Scope, FirstWordGiven> {
  const given = new Map<Scope, FirstWordGiven>();
  for (const [scope, level] of halt.levels) {
    const word = level === 'killed' ? firstWords.find(scope, halt, clock.now()) : null;
    if (word !== null) given.set(scope, { person: word.person, at: toInstant(word.atMs) });
  }
  return given;
}

/** First words that stand still, as the log has them: a restart makes none void, a later stop or release does. */
export async function recallFirstWords({ firstWords, store, halt }: House): Promise<void> {
  const found = new Map<Scope, Entry>();
  for await (const page of store.find({ kinds: [FIRST, ...ENDING] }))
    for (const { text } of page) {
      const entry = entryIn(text);
      const { kind, scope, proof } = entry;
      if (typeof scope !== 'string' || !isScope(scope)) continue;
      if (kind === FIRST && isJsonObject(proof)) found.set(scope, entry);
      else found.delete(scope);
    }
  // A stop since this start is later than any word.
  for (const [scope, { at, person }] of found)
    if (typeof person === 'string' && halt.stopOf(scope) === 0)
      firstWords.put(scope, { person, atMs: Date.parse(at), stop: 0 });
}

const FIRST = 'containment.release-signed';
const ENDING = ['containment.stopped', 'containment.tripped', 'containment.released'];
