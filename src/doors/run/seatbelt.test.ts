import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { heldBy, weaknesses } from './means.ts';
import { profileOf, seatbeltOf, seatbeltWorks } from './seatbelt.ts';

/** The sandbox of macOS: its profile everywhere, and what it holds where there is one. */

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** Where in the profile a rule stands: the last one that matches decides. */
const at = (profile: string, rule: string) => {
  const place = profile.indexOf(rule);
  expect(place, rule).toBeGreaterThan(-1);
  return place;
};

describe('the profile', () => {
  const profile = profileOf({ writable: ['/w/work'], hidden: ['/w/work/state'], port: 4711 });

  it('takes every connection and gives back the one to the door', () => {
    expect(at(profile, '(allow network-outbound (remote ip "localhost:4711"))')).toBeGreaterThan(
      at(profile, '(deny network*)'),
    );
    expect(profile.match(/allow network/g)).toHaveLength(1);
  });

  it('takes all writing, gives back what is named, and takes Lanyard’s files in the end', () => {
    const [denied, given, hidden] = [
      at(profile, '(deny file-write*)'),
      at(profile, '(subpath "/w/work"))'),
      at(profile, '(deny file-read* file-write* (subpath "/w/work/state"))'),
    ];
    expect(denied).toBeLessThan(given);
    expect(given).toBeLessThan(hidden);
    expect(profile.trimEnd().endsWith('(subpath "/w/work/state"))')).toBe(true);
  });

  it('has no rule that a path put there', () => {
    const sly = '/w/a")) (allow default) ((x "\\';
    const rules = profileOf({ writable: [sly], hidden: [sly], port: 1 }).split('\n');
    expect(rules).toHaveLength(profile.split('\n').length);
    // Outside of its strings it reads as the one with harmless paths.
    const bare = (text: string) => text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
    const harmless = profileOf({ writable: ['/x'], hidden: ['/x'], port: 1 });
    expect(bare(rules.join('\n'))).toBe(bare(harmless));
  });
});

test('what it holds and what it does not is said', () => {
  const means = { cgroup: false, namespaces: false, seatbelt: true, shows: false, apart: true };
  expect(heldBy(means)).toEqual(['process-group', 'seatbelt']);
  const [seatbelt, group] = weaknesses(means);
  expect(seatbelt).toContain('services of the system');
  expect(group).toContain('their group alone');
  expect(weaknesses({ ...means, seatbelt: false })[0]).toContain('No sandbox');
});

const onMac = seatbeltWorks() ? test : test.skip;

onMac('Seatbelt keeps a program to its directory and its door (macOS alone)', () => {
  const ground = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-seatbelt-')));
  directories.push(ground);
  for (const name of ['work', 'state']) mkdirSync(join(ground, name));
  writeFileSync(join(ground, 'state/log'), 'secret');
  const [program = '', ...args] = seatbeltOf({
    writable: [join(ground, 'work')],
    hidden: [join(ground, 'state')],
    port: 1,
  });
  const script = `cat ../state/log; echo x > mine && echo mine; echo x > ../beside || echo read-only
kill -0 ${process.pid} || echo unseen; nc -z -w 2 127.0.0.1 22 || echo cut`;
  const { stdout } = spawnSync(program, [...args, '/bin/sh', '-c', script], {
    cwd: join(ground, 'work'),
    encoding: 'utf8',
  });
  expect(stdout.trim().split('\n')).toEqual(['mine', 'read-only', 'unseen', 'cut']);
});
