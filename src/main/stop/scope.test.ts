import { describe, expect, test } from 'vitest';
import { type Known, readScope } from './scope.ts';

const known: Known = {
  agents: () => [{ id: 'writer', owner: 'ada', level: 'live' }],
  points: () => [],
  upstreams: () => ['files'],
};
const read = (text: string) => {
  const found = readScope(text, known, 'stopped');
  return found.ok ? found.value : found.error.code;
};

describe('what an operator names to be stopped', () => {
  test('a target is its id, or written as rules write one', () => {
    expect(read('target:octo/plotkit#1')).toBe('target:octo/plotkit#1');
    expect(read('target:Pull::"octo/plotkit#1"')).toBe('target:octo/plotkit#1');
    expect(read('target:Note::"say \\"hi\\""')).toBe('target:say "hi"');
    expect(read('target:Note::"\\q"')).toBe('target:\\q');
    // Ids that merely look a little like it.
    expect(read('target:a::b')).toBe('target:a::b');
    expect(read('target:urn::"x"')).toBe('target:urn::"x"');
  });

  test('a path written so is taken as rules see it too', () => {
    expect(read('target:Path::"/tmp/../nowhere"')).toBe('target:/nowhere');
  });

  test('somebody who is not here is refused, for a stop of nobody would look like one', () => {
    expect(read('agent:writer')).toBe('agent:writer');
    expect(read('agent:writr')).toBe('SCOPE_UNKNOWN');
    expect(read('somewhere')).toBe('SCOPE_UNREADABLE');
  });
});
