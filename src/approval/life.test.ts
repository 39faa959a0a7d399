import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Approval, Voter } from '../model/approval.ts';
import { after, answerOf, type Circumstances, type Happening, isApproved, obstacle } from './life.ts';
import { isEnough } from './who.ts';

const people: Voter[] = [
  { id: 'ada', roles: ['owner', 'reviewer'] },
  { id: 'grace', roles: ['reviewer', 'security'] },
  { id: 'alan', roles: ['reviewer'] },
  { id: 'kurt', roles: ['auditor'] },
];
const everybody = new Map(people.map((voter) => [voter.id, voter]));
const SPAN = 1000;

function asked(reviews: readonly string[], policy = 'p1', nowMs = 0): Approval {
  return {
    id: 'q1',
    action: 'a1',
    agent: 'writer',
    owner: 'ada',
    digest: 'd1',
    reviews: reviews.map((who, i) => ({ who, rule: `r${i}` })),
    policy,
    askedAtMs: nowMs,
    spanMs: SPAN,
    expiresAtMs: nowMs + SPAN,
    phase: 'open',
    isRevived: false,
    answers: [],
    shownTo: [],
  };
}

const at = (nowMs: number, more: Partial<Circumstances> = {}): Circumstances => ({
  nowMs,
  policy: 'p1',
  voters: everybody,
  ...more,
});

/** What the corridor does: asks whether it may, and only then lets it happen. */
function attempt(approval: Approval, happening: Happening, now: Circumstances): Approval | string {
  return obstacle(approval, happening, now) ?? after(approval, happening, now.nowMs);
}

function say(approval: Approval, person: string, answer: 'approve' | 'deny', now = at(1), digest = 'd1') {
  return attempt(approval, answerOf(approval, { person, answer, digest }, now.nowMs), now);
}

function must(result: Approval | string): Approval {
  if (typeof result === 'string') throw new Error(result);
  return result;
}

const SPENT: Happening = { kind: 'spent', digest: 'd1' };

describe('P5 one approval', () => {
  test('is spent once', () => {
    const yes = must(say(asked(['owner']), 'ada', 'approve'));
    const spent = must(attempt(yes, SPENT, at(2)));
    expect(attempt(spent, SPENT, at(3))).toBe('over');
    expect(say(spent, 'ada', 'approve', at(3))).toBe('over');
  });

  test('is answered only by whom it asks, once, about what was shown, under the rules that ask', () => {
    const open = asked(['2 of role:reviewer']);
    expect(say(open, 'kurt', 'approve')).toBe('not-asked');
    expect(say(open, 'nobody', 'approve')).toBe('not-asked');
    expect(say(open, 'ada', 'approve', at(1), 'd2')).toBe('other-digest');
    expect(say(open, 'ada', 'approve', at(1, { policy: 'p2' }))).toBe('other-rules');
    const once = must(say(open, 'ada', 'approve'));
    expect(say(once, 'ada', 'approve')).toBe('answered-already');
    expect(attempt(once, SPENT, at(2))).toBe('not-enough');
    expect(attempt(must(say(once, 'alan', 'approve')), SPENT, at(2, { policy: 'p2' }))).toBe('other-rules');
  });

  test('does not count somebody who is gone when it is spent', () => {
    const yes = must(say(asked(['owner']), 'ada', 'approve'));
    expect(attempt(yes, SPENT, at(2, { voters: new Map() }))).toBe('not-enough');
  });

  test('one no ends it, whoever else says yes', () => {
    const once = must(say(asked(['2 of role:reviewer']), 'ada', 'approve'));
    const no = must(say(once, 'grace', 'deny'));
    expect(no.phase).toBe('denied');
    expect(say(no, 'alan', 'approve')).toBe('over');
    expect(attempt(no, SPENT, at(2))).toBe('over');
  });

  test('runs out; a late yes opens it once more for the same span, and what was said before does not count', () => {
    const once = must(say(asked(['2 of role:reviewer']), 'ada', 'approve'));
    expect(attempt(once, { kind: 'expired' }, at(SPAN - 1))).toBe('still-open');
    const over = must(attempt(once, { kind: 'expired' }, at(SPAN)));
    expect(attempt(over, SPENT, at(SPAN))).toBe('over');
    const late = must(say(over, 'alan', 'approve', at(5 * SPAN)));
    expect(late).toMatchObject({ phase: 'open', isRevived: true, expiresAtMs: 6 * SPAN });
    expect(attempt(late, SPENT, at(5 * SPAN))).toBe('not-enough');
    const enough = must(say(late, 'grace', 'approve', at(5 * SPAN)));
    expect(must(attempt(enough, SPENT, at(6 * SPAN - 1))).phase).toBe('spent');
    const again = must(attempt(enough, { kind: 'expired' }, at(6 * SPAN)));
    expect(say(again, 'ada', 'approve', at(6 * SPAN))).toBe('over');
  });

  test('that ran out unnoted is late all the same', () => {
    const yes = must(say(asked(['owner']), 'ada', 'approve'));
    expect(attempt(yes, SPENT, at(SPAN))).toBe('ran-out');
    expect(must(say(yes, 'ada', 'approve', at(SPAN))).isRevived).toBe(true);
  });

  test('edited is another action: earlier yeses are gone, and the old digest is worth nothing', () => {
    const yes = must(say(asked(['owner']), 'ada', 'approve'));
    const edit: Happening = {
      kind: 'edited',
      person: 'ada',
      digest: 'd1',
      newDigest: 'd2',
      newAction: 'a2',
      reviews: yes.reviews,
      expiresAtMs: yes.expiresAtMs,
    };
    expect(attempt(yes, { ...edit, person: 'kurt' }, at(2))).toBe('not-asked');
    const edited = must(attempt(yes, edit, at(2)));
    expect(edited).toMatchObject({
      digest: 'd2',
      action: 'a2',
      original: { action: 'a1', digest: 'd1' },
      answers: [],
    });
    expect(attempt(edited, { kind: 'spent', digest: 'd2' }, at(3))).toBe('not-enough');
    expect(say(edited, 'ada', 'approve', at(3), 'd1')).toBe('other-digest');
    const again = must(say(edited, 'ada', 'approve', at(3), 'd2'));
    expect(attempt(again, SPENT, at(4))).toBe('other-digest');
    expect(must(attempt(again, { kind: 'spent', digest: 'd2' }, at(4))).phase).toBe('spent');
  });
});

const REVIEWS = [['owner'], ['2 of role:reviewer'], ['owner', 'role:security'], ['1 of role:reviewer']];
const person = fc.constantFrom('ada', 'ada', 'grace', 'grace', 'alan', 'kurt', 'stranger');
const digest = fc.constantFrom('d1', 'd1', 'd1', 'd1', 'd1', 'd2', 'd3');
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('answer'), person, digest, no: fc.integer({ min: 0, max: 19 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('execute') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('edit'), person, digest, to: digest }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('expire', 'cancel', 'apply', 'restart', 'retry') }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave'), person }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.integer({ min: 1, max: 300 }) }) },
);
type Step = {
  do: string;
  person?: string;
  digest?: string;
  to?: string;
  no?: number;
  ms?: number;
};

test('P5 P7 whatever happens in whatever order, an action executes at most once, and only with enough distinct, entitled answers to exactly its digest', () => {
  let everExecuted = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...REVIEWS),
      fc.array(
        fc.record({ step }).map((r) => r.step as Step),
        { minLength: 5, maxLength: 40 },
      ),
      (reviews, steps) => {
        const first = asked(reviews);
        let approval = first;
        let nowMs = 0;
        let policy = 'p1';
        let voters = new Map(everybody);
        const log: { happening: Happening; atMs: number }[] = [];
        /** An account of its own: who has said yes to which digest since when it last changed or ran out. */
        let yes: { person: string; digest: string }[] = [];
        let executed = 0;
        const run = (happening: Happening): boolean => {
          if (obstacle(approval, happening, { nowMs, policy, voters }) !== null) return false;
          approval = after(approval, happening, nowMs);
          log.push({ happening, atMs: nowMs });
          return true;
        };
        for (const one of steps) {
          const runOut = nowMs >= approval.expiresAtMs;
          switch (one.do) {
            case 'answer': {
              const answer = one.no === 0 ? 'deny' : 'approve';
              const happening = answerOf(
                approval,
                { person: one.person ?? '', answer, digest: one.digest ?? '' },
                nowMs,
              );
              if (!run(happening)) break;
              expect(one.digest).toBe(approval.digest);
              if (runOut) yes = [];
              if (answer === 'approve') yes.push({ person: one.person ?? '', digest: one.digest ?? '' });
              break;
            }
            case 'execute':
            case 'retry':
              if (!run({ kind: 'spent', digest: approval.digest })) break;
              executed++;
              expect(policy).toBe('p1');
              expect(runOut).toBe(false);
              expect(yes.every((said) => said.digest === approval.digest)).toBe(true);
              expect(
                isEnough(
                  approval,
                  yes.flatMap((said) => voters.get(said.person) ?? []),
                ),
              ).toBe(true);
              break;
            case 'edit':
              if (one.digest === one.to) break;
              if (
                run({
                  kind: 'edited',
                  person: one.person ?? '',
                  digest: one.digest ?? '',
                  newDigest: one.to ?? '',
                  newAction: 'a2',
                  reviews: first.reviews,
                  expiresAtMs: approval.expiresAtMs,
                })
              )
                yes = [];
              break;
            case 'expire':
              run({ kind: 'expired' });
              break;
            case 'cancel':
              run({ kind: 'cancelled' });
              break;
            case 'apply':
              policy = policy === 'p1' ? 'p2' : 'p1';
              break;
            case 'leave':
              voters = new Map([...voters].filter(([id]) => id !== one.person));
              break;
            case 'restart': {
              // What is read back from the log is what was.
              const replayed = log.reduce(
                (before, { happening, atMs }) => after(before, happening, atMs),
                first,
              );
              expect(replayed).toEqual(approval);
              break;
            }
            default:
              nowMs += one.ms ?? 0;
          }
        }
        expect(executed).toBeLessThanOrEqual(1);
        if (executed === 1) expect(isApproved(approval, everybody)).toBe(true);
        everExecuted += executed;
      },
    ),
    { numRuns: 3000 },
  );
  expect(everExecuted).toBeGreaterThan(100);
});
