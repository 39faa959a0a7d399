import { expect, it } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { agentText } from './agent-text.ts';

const WRITER: JsonObject = {
  id: 'writer',
  owner: 'ada',
  purpose: 'Fixes small bugs',
  level: 'live',
  backup: null,
  contact: null,
  teams: [],
  contained: false,
  budgets: [],
  halfOpenUntil: null,
  lease: {
    stage: 'live',
    since: '2026-11-20T00:00:00.000Z',
    until: '2026-11-27T00:00:00.000Z',
    frozenAt: '2026-12-04T00:00:00.000Z',
    cadenceMs: 604_800_000,
    acted: false,
  },
  ownerless: false,
  tokens: [],
  inFlight: 0,
};

it('says of a quiet agent what there is, and nothing of what there is not', () => {
  expect(agentText(WRITER)).toEqual([
    'writer is live.',
    'Its owner is ada; it has no backup.',
    'Purpose: Fixes small bugs',
    'Last looked at 2026-11-20T00:00:00.000Z. Unless somebody looks, it is watched from 2026-11-27T00:00:00.000Z and frozen from 2026-12-04T00:00:00.000Z.',
    'It has no token; ./lanyard agent token writer makes one.',
    "Not contained: it may reach Lanyard's files and its servers by another way (THREATS.md).",
  ]);
});

it('says everything else that is known of it', () => {
  const busy = {
    ...WRITER,
    purpose: '',
    level: 'frozen',
    backup: 'grace',
    contact: 'mailto:docs@example.org',
    teams: ['docs', 'web'],
    contained: true,
    budgets: [{ id: 'deletions', says: '3 of 20 actions a day are left' }],
    halfOpenUntil: '2026-11-20T01:00:00.000Z',
    lease: null,
    ownerless: true,
    tokens: [{ id: '1d3134ed', expiresAt: '2027-02-27T05:24:42.332Z' }],
    inFlight: 2,
  };
  expect(agentText(busy)).toEqual(
    [
      'frozen: nothing of it runs',
      'WRONG: ada cannot answer for it any more, so it does not run; its backup can take over',
      'Its owner is ada; its backup is grace.',
      'Purpose: none was written down',
      'Whoever it bothers can turn to mailto:docs@example.org.',
      'Teams: docs, web',
      'In flight: 2 calls',
      'Half open until 2026-11-20T01:00:00.000Z: after its release, half of what breakers and budgets allow',
      'Budget deletions: 3 of 20 actions a day are left',
      'Token 1d3134ed: good until 2027-02-27T05:24:42.332Z',
    ].map((line, i) => (i === 0 ? `writer is ${line}.` : line)),
  );
});
