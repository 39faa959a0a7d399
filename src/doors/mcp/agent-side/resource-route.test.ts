import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchUriTemplate, routeResource } from './resource-route.ts';

describe('a URI template', () => {
  it.each([
    ['file:///{name}', 'file:///a.txt', true],
    ['file:///{name}', 'file:///', false],
    ['file:///{name}', 'file:///a/b', false],
    ['file:///{name}', 'file:///a?b', false],
    ['file:///{+path}', 'file:///a/b', true],
    ['file:///{+path}', 'file:///', false],
    ['repo://{owner}/{repo}/issues', 'repo://a/b/issues', true],
    ['repo://{owner}/{repo}/issues', 'repo://a/b/issues/1', false],
    ['repo://{owner}/{repo}/issues', 'repo://a/issues', false],
    ['x:{a}-{b}', 'x:1-2', true],
    ['x:{a}{b}', 'x:12', false],
    ['x:{?q}', 'x:?q=1', false],
    ['x:{a', 'x:{a', false],
    ['x:{}', 'x:1', false],
    ['x:plain', 'x:plain', true],
    ['x:plain', 'x:plainer', false],
    ['', '', true],
  ])('%s against %s: %s', (template, uri, matches) => {
    expect(matchUriTemplate(template, uri)).toBe(matches);
  });

  it('matches what it expands to, and is quick about what it does not', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(matchUriTemplate('s://{a}/x/{b}:{+c}', `s://${a}/x/${b}:${c}/${a}`)).toBe(true);
      }),
    );
    const template = `s:${'{a}x'.repeat(2000)}`;
    expect(matchUriTemplate(template, `s:${'x'.repeat(8000)}y`)).toBe(false);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '+', 'a', '/', ':', '?') }),
        fc.string(),
        (template, uri) => {
          matchUriTemplate(template, uri);
        },
      ),
    );
  });
});

describe('the owner of a URI', () => {
  const listing = (resources: string[], templates: string[]) => ({
    tools: [],
    prompts: [],
    resources: resources.map((uri) => ({ uri })),
    resourceTemplates: templates.map((uriTemplate) => ({ uriTemplate })),
  });
  const route = (uri: string, one: ReturnType<typeof listing>, two: ReturnType<typeof listing>) => {
    const owner = routeResource(uri, [
      { upstream: 'one', listing: one },
      { upstream: 'two', listing: two },
    ]);
    return owner.ok ? owner.value : owner.error.code;
  };

  it('is who lists it, before who has a template for it', () => {
    expect(route('x:1', listing(['x:1'], []), listing([], ['x:{n}']))).toBe('one');
    expect(route('x:2', listing(['x:1'], []), listing([], ['x:{n}']))).toBe('two');
  });

  it('is nobody where two could be meant', () => {
    expect(route('x:1', listing(['x:1'], []), listing(['x:1'], []))).toBe('UNKNOWN_OPERATION');
    expect(route('x:1', listing([], ['x:{n}']), listing([], ['{+all}']))).toBe('UNKNOWN_OPERATION');
    expect(route('y:1', listing(['x:1'], ['x:{n}']), listing([], []))).toBe('UNKNOWN_OPERATION');
  });
});
