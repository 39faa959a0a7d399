import type { FirstWords, KilledRelease } from '../pipeline/release-killed.ts';
import { type About, whyNot } from '../pipeline/rights.ts';
import type { House } from './house.ts';
import { agentsIn } from './scope.ts';

/** The agents that a scope stops as a whole; everything is nobody's own. */
export function aboutScope({ standing }: House, scope: string): About {
  return scope === 'all' ? {} : { agents: agentsIn(scope, standing.inForce.agents.values()) };
}

/** What it takes to bring back what was killed: two people who could sign its release and count beside each other. */
export function killedRelease(house: House, words: FirstWords): KilledRelease {
  const { clock, electorate, halt, standing } = house;
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
        return voters.get(one)?.enrolledBy !== other && voters.get(other)?.enrolledBy !== one;
      },
    },
  };
}
