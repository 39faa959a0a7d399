import { describe, expect, test } from 'vitest';
import { holdsProtected, protectedBy } from './protected.ts';
import { pathTarget } from './targets/path.ts';

const OURS = ['/home/ada/lanyard/home/state', '/home/ada/lanyard/home/lanyard.yaml', '/home/ada/Caf\u00e9'];

describe('what belongs to Lanyard', () => {
  test.each([
    ['/home/ada/lanyard/home/state', OURS[0]],
    ['/home/ada/lanyard/home/state/log.db', OURS[0]],
    ['/home/ada/lanyard/home/STATE/log.db', OURS[0]],
    ['/home/ada/cafe\u0301/x', OURS[2]],
    ['/home/ada/lanyard', OURS[0]],
    ['/', OURS[0]],
    ['/home/ada/lanyard/home/lanyard.yaml', OURS[1]],
  ])('%s is protected', (path, by) => {
    expect(protectedBy(pathTarget(path), OURS)).toBe(by);
  });

  test.each([
    '/home/ada/lanyard/home/statement',
    '/home/ada/lanyard/home/workspace/a',
    '/home/ada/lanyard/home/lanyard.yaml.bak',
    '/state',
  ])('%s is not', (path) => {
    expect(protectedBy(pathTarget(path), OURS)).toBeNull();
  });

  test('is files: a namesake of another type is none', () => {
    expect(protectedBy({ type: 'Blob', id: OURS[0] ?? '', ancestors: [], attributes: {} }, OURS)).toBeNull();
  });

  test('keeps an upstream from starting whose root holds it or lies in it', () => {
    expect(holdsProtected('/home/ada', OURS)).toBe(OURS[0]);
    expect(holdsProtected('/', OURS)).toBe(OURS[0]);
    expect(holdsProtected('/home/ada/lanyard/home/state/x', OURS)).toBe(OURS[0]);
    expect(holdsProtected('/home/ada/lanyard/home/workspace', OURS)).toBeNull();
  });
});
