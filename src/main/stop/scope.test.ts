import { describe, expect, test } from 'vitest';
import { type Known, readScope } from './scope.ts';

const known: Known = {
  agents: () => [{ id: 'writer', owner: 'ada', level: 'live' }],
  points: () => [],
  upstreams: () => ['files', 'unmet'],
  operations: () => ['mcp:files/write_file', 'mcp:lanyard/ask_person'],
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

  test.each([
    ['Repo::"Octo/Hello"', 'octo/hello'],
    ['Repo::"https://github.com/Octo/Hello.git"', 'octo/hello'],
    ['Org::"Octo"', 'octo'],
    ['Url::"HTTPS://Example.ORG:443/a/../b"', 'https://example.org/b'],
    ['https://example.org', 'https://example.org/'],
    ['Host::"Example.org.:443"', 'example.org:443'],
    // What can be no address is stopped as it stands, and an id of another type is its own.
    ['Url::"nowhere"', 'nowhere'],
    ['Page::"Example.org.:443"', 'Example.org.:443'],
  ])('the target %s is stopped as %s, which is what rules call it', (written, id) => {
    expect(read(`target:${written}`)).toBe(`target:${id}`);
  });

  test('somebody who is not here is refused, for a stop of nobody would look like one', () => {
    expect(read('agent:writer')).toBe('agent:writer');
    expect(read('agent:writr')).toBe('SCOPE_UNKNOWN');
    expect(read('somewhere')).toBe('SCOPE_UNREADABLE');
  });

  test('an operation that its server does not have is refused as well, with the nearest that it has', () => {
    expect(readScope('operation:mcp:files/write-file', known, 'stopped')).toMatchObject({
      ok: false,
      error: { code: 'SCOPE_UNKNOWN', sentence: expect.stringContaining('"mcp:files/write_file"') },
    });
    expect(read('operation:mcp:fils/write_file')).toBe('SCOPE_UNKNOWN');
    expect(read('operation:mcp:fils/resources/read')).toBe('SCOPE_UNKNOWN');
    for (const here of ['mcp:files/write_file', 'mcp:lanyard/ask_person', 'mcp:files/resources/read'])
      expect(read(`operation:${here}`)).toBe(`operation:${here}`);
    // Of a server that nobody has met, and of another door, anything may come to be.
    for (const maybe of ['mcp:unmet/anything', 'http:CONNECT', 'bank:pay'])
      expect(read(`operation:${maybe}`)).toBe(`operation:${maybe}`);
  });
});
