import { describe, expect, it } from 'vitest';
import { changeInWords } from '../../src/contract/change-words.ts';

describe('what somebody signs, in words', () => {
  it.each([
    [
      'token',
      { agent: 'writer', token: 'ce510244', expiresAt: '2027-02-27T08:21:01.998Z' },
      'Agent writer gets a new token, good until 2027-02-27: whoever holds it can act as it.',
    ],
    [
      'token',
      { point: 'ci-gate', expiresAt: '2027-02-27T08:21:01.998Z' },
      'Point ci-gate gets a new token, good until 2027-02-27: whoever holds it can act as it.',
    ],
    [
      'release',
      { scope: 'all', was: 'frozen', why: 'looked at' },
      'Everything is released: what was frozen by that stop can run again.',
    ],
    [
      'release-first',
      { scope: 'agent:writer', was: 'killed' },
      'The first of two words to release agent:writer, which was killed. Nothing runs before the second.',
    ],
    ['apply', { changes: ['one'] }, '1 change of the files takes effect.'],
    ['apply', { changes: ['one', 'two'] }, '2 changes of the files take effect.'],
    ['acknowledge', { alert: 'A' }, 'It counts as seen: nobody is told of it any more.'],
  ])('%s %j', (act, fields, says) => {
    expect(changeInWords(act, fields)).toBe(says);
  });

  it('leaves to the entry what has no sentence, and what is named like a member of every object', () => {
    expect(changeInWords('stop-codes', {})).toBeNull();
    expect(changeInWords('constructor', {})).toBeNull();
    expect(changeInWords('invite', {})).toContain('somebody is invited');
  });
});
