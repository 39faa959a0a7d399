import type { Attack, AttackClass, HttpStep, Outcome, Place, Step } from '../attack.ts';
import { ask, type Lines, raw } from '../wire.ts';

type Make = (place: Place) => Step;
const STOP = '{"what":"all","level":"frozen"}';
/** Of the right form, and nobody's. */
const KEY = `lyb_00000000_${'A'.repeat(43)}`;

interface Asked {
  readonly first?: string;
  readonly lines?: (place: Place) => Lines;
  readonly body?: string;
}
const to = ({ first = 'POST /stop', lines, body = STOP }: Asked = {}): ((place: Place) => HttpStep) =>
  ask(
    'brake',
    first,
    (place) => ({ Host: place.faces.brake ?? '', 'Content-Type': 'application/json', ...lines?.(place) }),
    () => body,
  );
const bearer = (word: string) => (): Lines => ({ Authorization: `Bearer ${word}` });
const row = (id: string, tries: string, expect: Outcome, why: string, step: Make): Attack => ({
  id: `brake-${id}`,
  door: 'brake',
  tries,
  must: `Refused with ${expect.code}; nothing stops.`,
  why,
  steps: [step],
  expect,
});
const of = (id: string, tries: string, expect: Outcome, why: string, asked: Asked): Attack =>
  row(id, tries, expect, why, to(asked));

const MISSING: Outcome = { status: 401, code: 'TOKEN_REFUSED' };
const WRONG: Outcome = { status: 403, code: 'TOKEN_REFUSED' };
const AGENT: Outcome = { status: 403, code: 'AGENT_TOKEN' };
const SHUT: Outcome = { status: 403, code: 'BAD_HOST' };
const KEYS = 'It takes a stop key, which stops and does nothing else; an agent never holds one.';
const PAGES =
  'Names are its own or addresses, and a page of another origin sends nothing here; the key would be needed besides.';
const STOPS = 'It stops and does nothing else.';
const FLOOD = 40;

/** That nothing was stopped shows in the call in order that follows each row. */
export const BRAKE: AttackClass = {
  title: 'The brake',
  rows: [
    of('no-key', 'A stop of everything without a key', MISSING, KEYS, {}),
    of('agent', 'With the token of an agent', AGENT, KEYS, {
      lines: ({ tokens }) => ({ Authorization: `Bearer ${tokens.agent}` }),
    }),
    of('agent-revoked', 'With a token that was revoked', AGENT, KEYS, {
      lines: ({ tokens }) => ({ Authorization: `Bearer ${tokens.revoked}` }),
    }),
    of('session', 'With the session of a person', AGENT, KEYS, { lines: bearer(`lys_${'A'.repeat(43)}`) }),
    of('made-up', 'With a key of the right form that nobody made', WRONG, KEYS, { lines: bearer(KEY) }),
    of('short', 'With the beginning of a key', MISSING, KEYS, { lines: bearer('lyb_00000000_') }),
    of('cookie', 'With a key as a cookie', MISSING, KEYS, { lines: () => ({ Cookie: `key=${KEY}` }) }),
    of('query', 'With a key in the address', MISSING, KEYS, { first: `POST /stop?key=${KEY}` }),
    of('query-what', 'What is to stop in the address', { status: 400, code: 'BAD_REQUEST' }, STOPS, {
      first: 'POST /stop?what=all',
      body: '{}',
      lines: bearer(KEY),
    }),
    of('json-key', 'With a key in a body of JSON', MISSING, KEYS, { body: `{"what":"all","key":"${KEY}"}` }),
    of('live', 'A release', { status: 400, code: 'BAD_REQUEST' }, STOPS, {
      body: '{"what":"all","level":"live"}',
      lines: bearer(KEY),
    }),
    of('scope', 'A stop of something that has no name', { status: 400, code: 'BAD_REQUEST' }, STOPS, {
      body: '{"what":"everything"}',
      lines: bearer(KEY),
    }),
    of(
      'text',
      'A body that a browser sends without asking',
      { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
      PAGES,
      {
        lines: () => ({ 'Content-Type': 'text/plain', ...bearer(KEY)() }),
      },
    ),
    of('huge', 'A body of 100 kB', { status: 413, code: 'BODY_TOO_LARGE' }, 'A stop is a few words.', {
      body: `{"what":"all","why":"${'x'.repeat(100_000)}"}`,
      lines: bearer(KEY),
    }),
    of('host', 'A name that was rebound to this machine', SHUT, PAGES, {
      lines: () => ({ Host: 'evil.example', ...bearer(KEY)() }),
    }),
    of('host-user', 'A name of this place behind another one, as its user', SHUT, PAGES, {
      lines: () => ({ Host: 'evil.example@127.0.0.1', ...bearer(KEY)() }),
    }),
    of('host-path', 'A name of this place, and another one behind it', SHUT, PAGES, {
      lines: () => ({ Host: 'localhost#.evil.example', ...bearer(KEY)() }),
    }),
    of('host-none', 'No host', { status: 400, code: 'HOST_MISSING' }, PAGES, {
      lines: () => ({ Host: undefined }),
    }),
    of('origin', 'A page of another origin', SHUT, PAGES, {
      lines: () => ({ Origin: 'https://evil.example', ...bearer(KEY)() }),
    }),
    of('origin-null', 'A page without an origin', SHUT, PAGES, {
      lines: () => ({ Origin: 'null', ...bearer(KEY)() }),
    }),
    of('cross-site', 'A form of another site', SHUT, PAGES, {
      lines: () => ({ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', ...bearer(KEY)() }),
    }),
    of(
      'method',
      'A stop by another method',
      { status: 405, code: 'METHOD_NOT_ALLOWED' },
      'A GET shows, a POST stops.',
      { first: 'PUT /stop', lines: bearer(KEY) },
    ),
    of('route', 'A route of the place for people', { status: 404, code: 'NOT_FOUND' }, STOPS, {
      first: 'POST /v1/release',
      body: '{"scope":"all","why":"x"}',
      lines: bearer(KEY),
    }),
    of('upgrade', 'A change of protocol', { status: 400, code: 'NO_UPGRADE' }, STOPS, {
      first: 'GET /stop',
      body: '',
      lines: () => ({ Connection: 'Upgrade', Upgrade: 'h2c' }),
    }),
    row(
      'connect',
      'A tunnel',
      { status: 405, code: 'METHOD_NOT_ALLOWED' },
      STOPS,
      raw(() => 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', 'brake'),
    ),
    {
      ...row(
        'flood',
        'The same made-up key, forty times at once',
        WRONG,
        'A wrong key costs one look-up, delays nobody and is counted.',
        (place) => ({
          kind: 'together',
          steps: Array.from({ length: FLOOD }, () => to({ lines: bearer(KEY) })(place)),
        }),
      ),
      expect: { code: 'TOKEN_REFUSED', tally: { [`403 TOKEN_REFUSED`]: FLOOD } },
    },
  ],
};
