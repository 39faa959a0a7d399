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
    recording: 'no room',
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

it.each([
  [true, ', once two people have signed'],
  [false, ', once people have enrolled (./lanyard enrol) and two of them sign'],
])('says of what was killed what a release takes besides; claimed: %j', (claimed, besides) => {
  const [first] = statusText({ ...QUIET, claimed, levels: { 'upstream:files': 'killed' }, proof: 'none: x' });
  expect(first).toBe(
    `STOPPED: upstream:files is killed; ./lanyard release upstream:files --why "…" takes it back${besides}`,
  );
});

it('reads what a set that cannot start says of itself', () => {
  const lines = statusText({ fault: 'It cannot start.', details: ['`listen` is taken.'], entries: 3 });
  expect(lines).toEqual(['WRONG: It cannot start.', '`listen` is taken.', 'The log has 3 entries.']);
});

it('tells beside what was killed whose first word stands', () => {
  const lines = statusText({
    ...QUIET,
    levels: { 'agent:writer': 'killed' },
    firstWords: { 'agent:writer': { person: 'ada', at: '2026-11-29T02:00:00.000Z' } },
  });
  expect(lines[1]).toMatch(
    /^ {2}ada gave the first of two words .*at 2026-11-29T02:00:00\.000Z; a second person/,
  );
});
