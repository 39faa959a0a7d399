import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../base/limits.ts';
import type { FileView } from '../files.ts';
import { namesTarget, saidTarget } from './named-resource.ts';

const place = { upstream: 'wiki', roots: [], cwd: '/srv/w' };
/** No links anywhere. */
const files: FileView = { realpath: (path) => path, present: () => true, names: () => null };
const said = (type: string, id: string) =>
  saidTarget({ type, id }, (name) => ['wiki', 'files'].includes(name), place, files);

describe("a target by its caller's word", () => {
  it.each([
    ['Note', 'n1'],
    ['record', '42'],
    ['Target', 'record-1'],
  ])('%s %s is itself', (type, id) => {
    expect(said(type, id)).toEqual({ type, id, ancestors: [], attributes: { id } });
  });

  it('has the normal form of its type, and what it lies in', () => {
    expect(said('Url', 'HTTPS://Example.org:443/a')).toMatchObject({ id: 'https://example.org/a' });
    expect(said('Repo', 'Acme/Site')).toMatchObject({
      id: 'acme/site',
      ancestors: [{ type: 'Org', id: 'acme' }],
    });
  });

  it.each([
    ['an agent, which rules would read as that agent', 'Agent', 'writer'],
    ['a person', 'Person', 'ada'],
    ['a team', 'Team', 'docs'],
    ['an operation', 'Action', 'mcp:wiki/look'],
    ['a host', 'Host', 'example.org:443'],
    ['the model', 'ModelEndpoint', 'own'],
    ['another upstream', 'Target', 'files'],
    ['a name of the language', '__proto__', 'x'],
    ['a type that is no name', 'a b', 'x'],
    ['no type', '', 'x'],
    ['no id', 'Note', ''],
    ['an id without an end', 'Note', 'x'.repeat(LIMITS.targetIdLength + 1)],
    ['an id that is no text', 'Note', '\ud800'],
    ['no address', 'Url', 'wiki'],
    ['no path', 'Path', 'a\0b'],
    ['no repository', 'Repo', 'wiki'],
  ])('is never %s', (_, type, id) => {
    expect(said(type, id)).toBeNull();
  });
});

describe('a target that a caller names beside its arguments', () => {
  const org = { type: 'Org', id: 'octo' };
  const repo = { type: 'Repo', id: 'octo/hello' };
  const pull = { type: 'Pull', id: 'octo/hello#A', ancestors: [repo, org], attributes: {} };
  const named = (type: string, id: string) => namesTarget({ type, id }, [pull], place, files);

  it.each(['octo/hello#A', 'Octo/HELLO#A'])('is the one that they are about, written as %s', (id) => {
    expect(named('Pull', id)).toBe(true);
  });

  it.each([
    ['another number in other letters', 'Pull', 'octo/hello#a'],
    ['another repository of the same length', 'Pull', 'octo/hallo#A'],
    ['another type', 'Issue', 'octo/hello#A'],
    ['less', 'Pull', 'octo/hello'],
    ['nothing', 'Pull', ''],
  ])('is not %s', (_, type, id) => {
    expect(named(type, id)).toBe(false);
  });
});
