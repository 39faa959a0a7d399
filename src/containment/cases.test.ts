import { describe, expect, it } from 'vitest';
import type { Entry } from '../contract/log-entry.ts';
import { Cases } from './cases.ts';

let seq = 0;
const entry = (kind: Entry['kind'], more: object): Entry => ({ seq: seq++, at: AT, kind, ...more });
const AT = '2026-01-02T03:04:05.000Z';
const stopped = (level: string, scope = 'agent:writer') => entry('containment.stopped', { scope, level });

describe('Cases', () => {
  it('calls for one at each stop that makes something stricter, and at no repeat', () => {
    const cases = new Cases();
    expect(cases.see(stopped('watched'))).toMatchObject({ scope: 'agent:writer', level: 'watched' });
    expect(cases.see(stopped('watched'))).toBeNull();
    expect(cases.see(stopped('frozen'))).toMatchObject({ level: 'frozen' });
    expect(cases.see(stopped('watched'))).toBeNull();
    expect(cases.see(stopped('frozen', 'all'))).toMatchObject({ scope: 'all' });
    expect(cases.levelOf('agent:writer')).toBe('frozen');
    cases.see(entry('containment.released', { scope: 'agent:writer' }));
    expect(cases.see(stopped('watched'))).not.toBeNull();
  });

  it('calls for one where a rule tripped, and for none where a drill stopped its own canaries', () => {
    const cases = new Cases();
    const tripped = entry('containment.tripped', { scope: 'agent:writer', level: 'frozen', rules: ['r'] });
    expect(cases.see(tripped)?.stop.rules).toEqual(['r']);
    expect(cases.see(stopped('killed', 'upstream:lanyard-drill-01'))).toBeNull();
  });

  it('follows the log: open until it is closed, as hard as its last stop; what comes late takes nothing back', () => {
    const cases = new Cases();
    const one = { case: '1', scope: 'agent:writer' };
    const opened = entry('case.opened', { ...one, level: 'watched', stop: 7 });
    cases.see(opened);
    cases.see(entry('case.joined', { ...one, level: 'frozen', stop: 9 }));
    cases.see(opened);
    expect(cases.all()).toEqual([{ id: '1', scope: 'agent:writer', level: 'frozen', openedAt: AT, stop: 7 }]);
    expect(cases.ofScope('agent:writer')?.id).toBe('1');
    expect(cases.ofScope('all')).toBeNull();
    cases.see(entry('case.closed', { ...one, level: 'frozen' }));
    expect(cases.all()).toEqual([]);
  });
});
