import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok } from '../../base/result.ts';
import { splitScope } from '../../containment/levels.ts';
import type { Operations } from '../../control/operations.ts';
import { closeCase } from '../../pipeline/stop/case-acts.ts';
import type { House } from '../house.ts';
import { answerableFor } from '../leases/lease-operations.ts';
import { caseRows, caseView } from './case-view.ts';

/** What stops left for people to look into. `house`: its `operate` says who asks. */
export function caseOperations(house: House): Pick<Operations, 'cases' | 'case' | 'closeCase'> {
  const { cases } = house;
  const unknown = (id: string) => err(problem('CASE_UNKNOWN', { id }));
  return {
    cases: () => caseRows(house),
    async case(id) {
      const found = await caseView(house, id);
      return found === null ? unknown(id) : ok(found);
    },
    async closeCase(id, person, { happened, changes }) {
      const one = cases.find(id);
      if (one === undefined)
        return (await caseView(house, id)) === null ? unknown(id) : err(problem('CASE_CLOSED'));
      for (const [name, text] of Object.entries({ happened, changes }))
        if (text.trim() === '' || text.length > LIMITS.callerReasonLength)
          return err(problem('DEBRIEF_SIZE', { what: name, limit: LIMITS.callerReasonLength }));
      const act = closeCase(
        cases,
        one,
        { happened, changes },
        {
          about: { answerable: answerableIn(house, one.scope) },
          signedIn: person !== null,
          refuse: () => whyOpen(house, id),
        },
      );
      const done = await house.operate(act);
      return done.ok ? ok({ closed: id }) : done;
    },
  };
}

/** Who may close it besides security and admins: who answers for the agent, or is the owner that was stopped. */
export function answerableIn({ standing }: House, scope: string): readonly string[] {
  const split = splitScope(scope);
  if (split?.kind === 'owner') return [split.id];
  const agent = split?.kind === 'agent' ? standing.inForce.agents.get(split.id) : undefined;
  return agent === undefined ? [] : answerableFor(agent);
}

async function whyOpen(house: House, id: string): Promise<Problem | null> {
  const open = (await caseView(house, id))?.unknown.filter(({ holds }) => holds) ?? [];
  if (open.length === 0) return null;
  const named = open.slice(0, MOST_NAMED).map(({ action, operation }) => `${operation} (${action})`);
  const rest = open.length > MOST_NAMED ? ` and ${open.length - MOST_NAMED} more` : '';
  // Longer than a blank of the table may be.
  return {
    code: 'CASE_UNRESOLVED',
    sentence: `Say first how these ended, at the console: ${named.join(', ')}${rest}.`,
  };
}

const MOST_NAMED = 10;
