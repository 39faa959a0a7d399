import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../base/limits.ts';
import { MARKS, type Mark } from '../model/mark.ts';
import { type Held, Marks, type Who } from './marks.ts';

const DAY_MS = LIMITS.marksLastMs;
const START_MS = 1_795_000_000_000;

const who = (session: string, token: string | null = 't1', agent = 'writer'): Who => ({
  agent,
  token,
  session,
});

/** One action that is allowed and answered at once. */
function read(marks: Marks, by: Who, brings: readonly Mark[], nowMs: number, action = 'a'): readonly Held[] {
  marks.seen(by, nowMs);
  marks.expect(action, by, brings);
  return marks.end(action, true, nowMs);
}

describe('a session', () => {
  it('is marked by what it read, in one order, for good', () => {
    const marks = new Marks();
    expect(marks.seen(who('s'), START_MS)).toEqual([]);
    read(marks, who('s'), ['secret'], START_MS);
    read(marks, who('s'), ['untrusted', 'secret'], START_MS + 1);
    expect(marks.seen(who('s'), START_MS + 2)).toEqual(['untrusted', 'secret']);
    // A session that stays open keeps what it read, however long it is silent.
    expect(marks.seen(who('s'), START_MS + 40 * DAY_MS)).toEqual(['untrusted', 'secret']);
  });

  it('sees what a running action may bring from the moment that one is allowed, and not what ended unsent', () => {
    const marks = new Marks();
    marks.expect('a', who('s'), ['untrusted']);
    marks.expect('b', who('s'), ['untrusted', 'personal']);
    expect(marks.seen(who('s'), START_MS)).toEqual(['untrusted', 'personal']);
    expect(marks.end('b', false, START_MS)).toEqual([]);
    expect(marks.seen(who('s'), START_MS)).toEqual(['untrusted']);
    expect(marks.end('a', false, START_MS)).toEqual([]);
    expect(marks.seen(who('s'), START_MS)).toEqual([]);
    expect(marks.due(who('s'), START_MS)).toEqual([]);
    // Said twice of one action, it is still one.
    for (const brings of [['untrusted'], ['untrusted', 'secret']] as const)
      marks.expect('c', who('s'), brings);
    expect(marks.seen(who('s'), START_MS)).toEqual(['untrusted', 'secret']);
    marks.end('c', false, START_MS);
    expect(marks.seen(who('s'), START_MS)).toEqual([]);
  });

  it('cannot be one that was kept clean beside the one that read', () => {
    const marks = new Marks();
    marks.seen(who('clean'), START_MS);
    read(marks, who('dirty'), ['personal'], START_MS);
    expect(marks.seen(who('clean'), START_MS)).toEqual(['personal']);
  });

  it('that is new sees what its token held within a day, and holds it', () => {
    const marks = new Marks();
    read(marks, who('s1'), ['untrusted'], START_MS);
    expect(marks.seen(who('s2'), START_MS + DAY_MS - 1)).toEqual(['untrusted']);
    // Each session in between held it and acted: only a day without any of them ends it.
    expect(marks.seen(who('s3'), START_MS + 2 * DAY_MS - 2)).toEqual(['untrusted']);
    expect(marks.seen(who('s4'), START_MS + 3 * DAY_MS - 2)).toEqual([]);
  });

  it('of another token or agent is another', () => {
    const marks = new Marks();
    read(marks, who('s1'), ['secret'], START_MS);
    expect(marks.seen(who('s2', 't2'), START_MS)).toEqual([]);
    expect(marks.seen(who('s1', 't1', 'other'), START_MS)).toEqual([]);
  });

  it('shares with its parent what either reads, whichever token it shows', () => {
    const marks = new Marks();
    read(marks, who('parent'), ['untrusted'], START_MS);
    marks.join('writer', 'child', 'parent');
    marks.join('writer', 'sibling', 'parent');
    expect(marks.seen(who('child', 't2'), START_MS)).toEqual(['untrusted']);
    marks.expect('a', who('child', 't2'), ['personal']);
    expect(marks.seen(who('parent'), START_MS)).toEqual(['untrusted', 'personal']);
    marks.end('a', true, START_MS);
    for (const one of [who('parent'), who('sibling', 't3'), who('child', 't2')])
      expect(marks.seen(one, START_MS)).toEqual(['untrusted', 'personal']);
    marks.join('writer', 'parent', 'child');
    marks.join('writer', 'child', 'child');
    expect(marks.seen(who('stranger', 't4'), START_MS)).toEqual([]);
  });

  it('without a name is nobody else’s', () => {
    const marks = new Marks();
    read(marks, who('', 't1'), ['secret'], START_MS);
    marks.join('writer', '', 's');
    expect(marks.seen(who('', 't2'), START_MS)).toEqual([]);
    expect(marks.seen(who('s', 't2'), START_MS)).toEqual([]);
  });

  it('that an operator asks about is seen and not changed', () => {
    const marks = new Marks();
    read(marks, who('s'), ['secret'], START_MS);
    expect(marks.seen(who('s', null), START_MS)).toEqual(['secret']);
    expect(marks.seen(who('other', null), START_MS)).toEqual([]);
    expect(marks.due(who('s', null), START_MS)).toEqual([]);
  });
});

describe('forgetting', () => {
  it('is bounded, and sheds nothing: the token keeps it', () => {
    const marks = new Marks(3);
    read(marks, who('long-silent'), ['secret'], START_MS);
    const late = START_MS + 10 * DAY_MS;
    for (const name of ['a', 'b', 'c', 'd']) read(marks, who(name, 't1'), ['untrusted'], late, name);
    expect(marks.seen(who('long-silent'), late)).toEqual(['untrusted', 'secret']);
    expect(marks.seen(who('long-silent'), late + 10 * DAY_MS)).toContain('secret');
  });

  it('takes no mark from an action that still runs', () => {
    const marks = new Marks(1);
    marks.expect('a', who('s', 't2'), ['personal']);
    read(marks, who('other'), ['untrusted'], START_MS, 'b');
    marks.end('a', true, START_MS);
    expect(marks.seen(who('s', 't2'), START_MS)).toEqual(['personal']);
  });
});

describe('what is kept', () => {
  it('is a time for each mark, again after a while, and again where it could not be kept', () => {
    const marks = new Marks();
    const held = (atMs: number) => [{ agent: 'writer', token: 't1', mark: 'untrusted', atMs }];
    expect(read(marks, who('s'), ['untrusted'], START_MS)).toEqual(held(START_MS));
    expect(read(marks, who('s'), ['untrusted'], START_MS + 1)).toEqual([]);
    const later = START_MS + LIMITS.marksStoredEveryMs;
    marks.seen(who('s2'), later);
    expect(marks.due(who('s2'), later)).toEqual(held(later));
    expect(marks.due(who('s2'), later)).toEqual([]);
    marks.unstored(who('s2'));
    expect(marks.due(who('s2'), later)).toEqual(held(later));
  });

  it('is recalled as held a little longer, and never later than now for that', () => {
    const next = new Marks();
    next.recall({ agent: 'writer', token: 't1', mark: 'secret', atMs: START_MS }, START_MS + 5 * DAY_MS);
    const over = START_MS + DAY_MS + LIMITS.marksStoredEveryMs;
    expect(next.seen(who('new', 't2'), over - 1)).toEqual([]);
    expect(next.seen(who('new'), over)).toEqual([]);
    const soon = new Marks();
    soon.recall({ agent: 'writer', token: 't1', mark: 'secret', atMs: START_MS }, START_MS + 1);
    expect(soon.seen(who('new'), START_MS + DAY_MS)).toEqual(['secret']);
    expect(soon.seen(who('later'), START_MS + 2 * DAY_MS)).toEqual([]);
  });
});

/** What may happen to one token's sessions. */
type Step =
  | {
      readonly do: 'read' | 'begin';
      readonly session: number;
      readonly token: number;
      readonly brings: readonly Mark[];
    }
  | { readonly do: 'decide'; readonly session: number; readonly token: number }
  | { readonly do: 'end'; readonly answered: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'join'; readonly session: number; readonly other: number }
  | { readonly do: 'restart' };

const SESSION = fc.nat(7);
const TOKEN = fc.nat(1);
const BRINGS = fc.subarray([...MARKS], { minLength: 1 });
const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('read'), session: SESSION, token: TOKEN, brings: BRINGS }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('begin'), session: SESSION, token: TOKEN, brings: BRINGS }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('decide'), session: SESSION, token: TOKEN }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end'), answered: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.nat(30 * 3_600_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('join'), session: SESSION, other: SESSION }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart') }) },
) as fc.Arbitrary<Step>;

/** Runs steps on real marks with a small bound, keeping what is due as a store would. */
class Life {
  marks = new Marks(4);
  nowMs = START_MS;
  generation = 0;
  readonly #store = new Map<string, Held>();
  readonly #open = new Map<string, { who: Who; brings: readonly Mark[] }>();
  /** Per token and mark, when a session of it last held it for certain. */
  readonly certain = new Map<string, number>();
  #made = 0;

  by(session: number, token: number): Who {
    return who(`${this.generation}/${session}`, `t${token}`);
  }

  keep(held: readonly Held[]): void {
    for (const one of held) this.#store.set(`${one.token}/${one.mark}`, one);
  }

  note(token: string | null, marks: readonly Mark[]): void {
    for (const mark of marks) this.certain.set(`${token}/${mark}`, this.nowMs);
  }

  decide(by: Who): readonly Mark[] {
    const seen = this.marks.seen(by, this.nowMs);
    this.keep(this.marks.due(by, this.nowMs));
    return seen;
  }

  begin(by: Who, brings: readonly Mark[]): string {
    const action = `a${this.#made++}`;
    this.marks.expect(action, by, brings);
    this.#open.set(action, { who: by, brings });
    return action;
  }

  end(action: string, answered: boolean): void {
    const open = this.#open.get(action);
    if (open === undefined) return;
    this.#open.delete(action);
    this.keep(this.marks.end(action, answered, this.nowMs));
    if (answered) this.note(open.who.token, open.brings);
  }

  endOldest(answered: boolean): void {
    const [action] = this.#open.keys();
    if (action !== undefined) this.end(action, answered);
  }

  /** kill -9: memory is gone, sessions are over, what ran is recovered as unknown. */
  restart(): void {
    this.marks = new Marks(4);
    this.generation++;
    for (const held of this.#store.values()) this.marks.recall(held, this.nowMs);
    for (const { who: by, brings } of this.#open.values()) {
      this.keep(this.marks.recover({ agent: by.agent, token: by.token ?? '' }, brings, this.nowMs));
      this.note(by.token, brings);
    }
    this.#open.clear();
  }
}

describe('of one token', () => {
  it('marks never shrink within a day, whatever sessions are named, ended, joined or forgotten, restarts included', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 60 }), (steps) => {
        const life = new Life();
        for (const step of steps) {
          if (step.do === 'wait') life.nowMs += step.ms;
          else if (step.do === 'restart') life.restart();
          else if (step.do === 'end') life.endOldest(step.answered);
          else if (step.do === 'join')
            life.marks.join('writer', life.by(step.session, 0).session, life.by(step.other, 0).session);
          else {
            const by = life.by(step.session, step.token);
            const seen = life.decide(by);
            const owed = MARKS.filter(
              (mark) => life.nowMs - (life.certain.get(`${by.token}/${mark}`) ?? 0) < DAY_MS,
            );
            expect(seen).toEqual(expect.arrayContaining(owed));
            life.note(by.token, owed);
            if (step.do === 'begin') life.begin(by, step.brings);
            if (step.do === 'read') life.end(life.begin(by, step.brings), true);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('what no action of it or of a relative brought is never there', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 40 }), (steps) => {
        const life = new Life();
        const brought = new Set<Mark>();
        for (const step of steps) {
          if (step.do === 'read' || step.do === 'begin') {
            const action = life.begin(life.by(step.session, step.token), step.brings);
            for (const mark of step.brings) brought.add(mark);
            if (step.do === 'read') life.end(action, true);
          }
          if (step.do === 'wait') life.nowMs += step.ms;
          for (const mark of life.marks.seen(life.by(0, 0), life.nowMs)) expect(brought).toContain(mark);
        }
      }),
    );
  });
});
