import { describe, expect, test } from 'vitest';
import { readPlace } from './place.ts';

const place = (setting: Parameters<typeof readPlace>[0]) => readPlace(setting, (path) => `/base/${path}`);

describe('a witness', () => {
  test.each([
    ['file:notes', { kind: 'file', label: 'file:notes', path: '/base/notes' }],
    ['file:notes/', { kind: 'file', label: 'file:notes/', path: '/base/notes//' }],
    ['https://w.example/log', { kind: 'web', label: 'https://w.example/log', url: 'https://w.example/log' }],
  ])('%s is a place', (setting, value) => {
    expect(place(setting)).toEqual({ ok: true, value });
  });

  test.each(['127.0.0.1', 'localhost', '[::1]'])('on %s may be plain http, with a reason', (host) => {
    const url = `http://${host}:9000/w`;
    expect(place({ url, reason: 'a tunnel' })).toMatchObject({
      ok: true,
      value: { kind: 'web', label: url },
    });
    expect(place(url)).toMatchObject({ ok: false, error: expect.stringContaining('reason') });
  });

  test.each([
    '',
    'file:',
    'file:///etc/notes',
    'notes',
    'ftp://w.example/',
    'https://ada:secret@w.example/',
    'http://w.example/',
    'http://127.0.0.1.example/',
    'http://127.0.0.1@w.example/',
  ])('"%s" is none', (url) => {
    expect(place(url).ok).toBe(false);
    expect(place({ url, reason: 'why not' }).ok).toBe(false);
  });
});
