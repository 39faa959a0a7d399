import { expect, it } from 'vitest';
import { statusText } from './status-text.ts';

const QUIET = {
  url: 'http://127.0.0.1:7700',
  set: 'sha256:a',
  policy: 'sha256:b',
  entries: 9,
  fault: null,
  levels: {},
  awaitingOutcome: 0,
  unreported: 0,
  upstreamsMissing: [],
  drills: { failed: [], overdue: [] },
  claimed: true,
  waitingForSignature: 0,
};

it('says that nothing is stopped or wrong only where that is so', () => {
  expect(statusText(QUIET)[0]).toBe('Nothing is stopped or wrong.');
  const loud = {
    fault: 'the disk is full',
    levels: { all: 'frozen', 'agent:writer': 'killed' },
    upstreamsMissing: ['wiki', 'news'],
    drills: { failed: ['writer'], overdue: ['writer'] },
    unreported: 1,
    waitingForSignature: 2,
  };
  for (const [key, value] of Object.entries(loud))
    expect(statusText({ ...QUIET, [key]: value })[0]).not.toBe('Nothing is stopped or wrong.');
  const upstreamTroubles = { news: 'news was lost.' };
  const said = statusText({ ...QUIET, ...loud, upstreamTroubles }).join('\n');
  expect(said).toContain('WRONG: the disk is full');
  expect(said).toContain('STOPPED: everything is frozen; ./lanyard release all --why "…" takes it back');
  expect(said).toMatch(/the upstream wiki is not connected; its operations are denied until it is$/m);
  expect(said).toMatch(/the upstream news is not connected; .* until it is: news was lost\.$/m);
});

it('reads what a set that cannot start says of itself', () => {
  const lines = statusText({ fault: 'It cannot start.', details: ['`listen` is taken.'], entries: 3 });
  expect(lines).toEqual(['WRONG: It cannot start.', '`listen` is taken.', 'The log has 3 entries.']);
});
