import { describe, expect, test } from 'vitest';
import { ENTRY_KINDS, type Entry } from '../../contract/log-entry.ts';
import type { Action } from '../../model/action.ts';
import type { Approval } from '../../model/approval.ts';
import { askedFields } from '../../pipeline/approval/approval-entries.ts';
import { FOLLOWED_KINDS, Matters } from './matters.ts';

const AT = '2026-11-20T20:00:00.000Z';
const EXPIRES = Date.parse(AT) + 900_000;
const approval: Approval = {
  id: '01JD0000000000000000000000',
  action: 'A1',
  agent: 'writer',
  owner: 'ada',
  digest: 'sha256:1',
  policy: 'sha256:2',
  reviews: [
    { who: '2 of role:reviewer', rule: 'two' },
    { who: 'owner', rule: 'her' },
  ],
  askedAtMs: Date.parse(AT),
  spanMs: 900_000,
  expiresAtMs: EXPIRES,
  phase: 'open',
  isRevived: false,
  answers: [],
  shownTo: [],
};
const action = {
  session: 's',
  door: 'mcp',
  operation: 'mcp:files/write_file',
  namedTargets: [{ type: 'Path', id: '/srv/secret plan' }],
} as unknown as Action;

let seq = 0;
const entry = (fields: Readonly<Record<string, unknown>>) => ({ ...fields, seq: seq++, at: AT }) as Entry;
const asked = entry(askedFields({ approval, action, cell: '{}', people: ['ada', 'grace', 'sam'] }));
const yes = (person: string) =>
  entry({ kind: 'approval.answered', approval: approval.id, answer: 'approve', by: 'person', person });

describe('the inbox', () => {
  test('follows every kind of the log that it speaks of', () => {
    for (const kind of [
      'approval.asked',
      'approval.answered',
      'approval.spent',
      'alert.raised',
      'notice.sent',
    ])
      expect(FOLLOWED_KINDS).toContain(kind);
    expect(FOLLOWED_KINDS.filter((kind) => !(ENTRY_KINDS as readonly string[]).includes(kind))).toEqual([]);
    expect(FOLLOWED_KINDS).not.toContain('action.decided');
  });

  test('takes a question as the corridor records it, and of it no target and no word of anybody', () => {
    const matters = new Matters();
    matters.apply(asked);
    expect([...matters.open.values()]).toEqual([
      {
        id: approval.id,
        kind: 'approval',
        page: false,
        agent: 'writer',
        operation: 'mcp:files/write_file',
        openedMs: Date.parse(AT),
        expiresMs: EXPIRES,
        people: ['ada', 'grace', 'sam'],
        answered: [],
        needs: 3,
        told: {},
      },
    ]);
  });

  test('keeps it until as many have said yes as could be needed, or one no', () => {
    const matters = new Matters();
    matters.apply(asked);
    for (const person of ['ada', 'grace', 'grace']) matters.apply(yes(person));
    expect(matters.open.get(approval.id)).toMatchObject({ answered: ['ada', 'grace'] });
    matters.apply(yes('sam'));
    expect(matters.open.size).toBe(0);
    matters.apply(asked);
    matters.apply(entry({ kind: 'approval.answered', approval: approval.id, answer: 'deny', person: 'ada' }));
    expect(matters.open.size).toBe(0);
  });

  test('begins anew with an edit: who has said yes said so of something else', () => {
    const matters = new Matters();
    const edited = entry({
      kind: 'approval.edited',
      approval: approval.id,
      agent: 'writer',
      operation: 'mcp:files/write_file',
      person: 'sam',
      reviews: ['2 of role:reviewer'],
      people: ['grace', 'sam'],
      expires: new Date(EXPIRES - 60_000).toISOString(),
    });
    for (const person of ['ada', 'grace'])
      matters.apply(entry({ kind: 'notice.sent', person, channel: 'mail-1', matters: [approval.id] }));
    for (const each of [asked, yes('grace')]) matters.apply(each);
    for (const person of ['ada', 'grace'])
      matters.apply(entry({ kind: 'notice.sent', person, channel: 'mail-1', matters: [approval.id] }));
    matters.apply(edited);
    expect(matters.open.get(approval.id)).toMatchObject({
      people: ['grace', 'sam'],
      answered: [],
      needs: 2,
      expiresMs: EXPIRES - 60_000,
    });
    expect(Object.keys(matters.open.get(approval.id)?.told ?? {})).toEqual(['ada/mail-1']);
    // Approved already, and so over here; the edit waits for them again.
    for (const person of ['grace', 'sam']) matters.apply(yes(person));
    expect(matters.open.size).toBe(0);
    matters.apply(edited);
    expect(matters.open.get(approval.id)).toMatchObject({ people: ['grace', 'sam'], answered: [], told: {} });
  });

  test('waits once more for the others, where one says a late yes of several', () => {
    const late = (reviews: readonly string[]) =>
      entry({
        kind: 'approval.answered',
        approval: approval.id,
        agent: 'writer',
        answer: 'approve',
        person: 'grace',
        revived: true,
        reviews,
        people: ['grace', 'sam'],
        expires: new Date(EXPIRES + 900_000).toISOString(),
      });
    const matters = new Matters();
    for (const each of [asked, entry({ kind: 'approval.expired', approval: approval.id })])
      matters.apply(each);
    matters.apply(late(['owner']));
    expect(matters.open.size).toBe(0);
    matters.apply(late(['2 of role:reviewer']));
    expect(matters.open.get(approval.id)).toMatchObject({
      people: ['grace', 'sam'],
      answered: ['grace'],
      expiresMs: EXPIRES + 900_000,
    });
    matters.apply(yes('sam'));
    expect(matters.open.size).toBe(0);
  });

  test('is the same from what was kept and what came after as from the whole', () => {
    const sent = entry({ kind: 'notice.sent', person: 'ada', channel: 'mail-1', matters: [approval.id] });
    const failed = entry({
      kind: 'notice.failed',
      person: 'sam',
      channel: 'mail-2',
      matters: [],
      code: 'timeout',
    });
    const whole = new Matters();
    for (const each of [asked, yes('ada'), sent, failed]) whole.apply(each);
    const first = new Matters();
    for (const each of [asked, yes('ada')]) first.apply(each);
    const second = new Matters();
    for (const key of first.take()) second.recall(key, first.textOf(key) ?? '');
    for (const each of [sent, failed, failed]) second.apply(each);
    expect([...second.open.values()]).toEqual([...whole.open.values()]);
    expect([...second.letters.values()]).toEqual([...whole.letters.values()]);
  });
});
