import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { createRedactor } from '../recording/redact.ts';
import { createScrubber } from '../recording/scrub.ts';
import { cleanMessage } from './log-message.ts';

const SECRET = 'kestrel-over-the-hill';
const rooms = { scrubber: createScrubber([SECRET]), redactor: createRedactor() };
const clean = (params: JsonObject, least?: 'error') => cleanMessage(rooms, params, least);

describe('P8 a log message of an upstream', () => {
  test('is put together anew: what nobody reads is not passed on', () => {
    const params = {
      level: 'info',
      logger: 'db',
      data: { rows: 3 },
      _meta: { 'dev.lanyard/decision': {} },
      extra: 1,
    };
    expect(clean(params)).toEqual({ level: 'info', logger: 'db', data: { rows: 3 } });
    expect(clean({ level: 'info' })).toEqual({ level: 'info', data: null });
  });

  test('holds no secret, known or looking like one, in its text, names or logger', () => {
    const told = clean({
      level: 'error',
      logger: `with ${SECRET}`,
      data: { [SECRET]: [Buffer.from(SECRET).toString('base64')], password: 'correct horse', deep: { n: 1 } },
    });
    expect(JSON.stringify(told)).not.toMatch(/kestrel|correct/);
    expect(told).toMatchObject({
      logger: 'with [secret]',
      data: { '[secret]': ['[secret]'], deep: { n: 1 } },
    });
  });

  test('commands no terminal', () => {
    const told = clean({
      level: 'info',
      logger: 'a\u001b[2Jb',
      data: ['x\u001b]0;y\u0007', '\u009b31m', 'a\tb\n', '\u202etxt'],
    });
    expect(told).toEqual({
      level: 'info',
      logger: 'a\ufffd[2Jb',
      data: ['x\ufffd]0;y\ufffd', '\ufffd31m', 'a\tb\n', '\ufffdtxt'],
    });
  });

  test('is bounded', () => {
    const told = clean({ level: 'info', logger: 'l'.repeat(5000), data: 'x'.repeat(1_000_000) });
    expect(JSON.stringify(told).length).toBeLessThan(LIMITS.logMessageLength + 1000);
    expect(String(told?.['data']).endsWith('[cut]')).toBe(true);
  });

  test('is none without a level, or below the one that was asked for', () => {
    expect(clean({ data: 'x' })).toBeNull();
    expect(clean({ level: 'loud', data: 'x' })).toBeNull();
    expect(clean({ level: 'warning', data: 'x' }, 'error')).toBeNull();
    expect(clean({ level: 'critical', data: 'x' }, 'error')).not.toBeNull();
  });
});
