import { ROUTES } from '../../../src/control/routes.ts';
import type { Attack, AttackClass, HttpStep, Outcome, Place, Step, Who } from '../attack.ts';
import { ask, type Lines, raw } from '../wire.ts';

type Make = (place: Place) => Step;

/** As the browsers of people name it. */
const named = ({ faces }: Place): string => `localhost:${faces.control?.split(':')[1] ?? ''}`;
const token = (as: Who, place: Place): Lines =>
  as === 'nobody' ? {} : { Authorization: `Bearer ${place.tokens[as]}` };

interface Asked {
  readonly as?: Who;
  readonly lines?: (place: Place) => Lines;
  readonly body?: string;
}

const to = (first: string, { as = 'nobody', lines, body = '' }: Asked = {}): ((place: Place) => HttpStep) =>
  ask(
    'control',
    first,
    (place) => ({
      Host: named(place),
      ...token(as, place),
      ...(first.startsWith('POST') ? { 'Content-Type': 'application/json' } : {}),
      ...lines?.(place),
    }),
    () => body,
  );

const row = (id: string, tries: string, expect: Outcome, why: string, step: Make): Attack => ({
  id: `control-${id}`,
  door: 'control',
  tries,
  must: `Refused with ${expect.code}.`,
  why,
  steps: [step],
  expect,
});

/** Every route with its parameters filled in. */
const everyRoute = (keep: (route: (typeof ROUTES)[number]) => boolean) =>
  ROUTES.filter(keep).map(({ method, path }) => `${method} ${path.replaceAll(/:[a-z]+/gi, 'agent')}`);
const all = everyRoute(() => true);
const closed = everyRoute(({ who }) => who !== 'anyone');

const together =
  (routes: readonly string[], as: Who): Make =>
  (place) => ({ kind: 'together', steps: routes.map((first) => to(first, { as })(place)) });

const TOKEN: Outcome = { status: 403, code: 'AGENT_TOKEN' };
const SIGN_IN: Outcome = { status: 401, code: 'SIGN_IN_NEEDED' };
const HOST: Outcome = { status: 403, code: 'BAD_HOST' };
const ORIGIN: Outcome = { status: 403, code: 'BAD_ORIGIN' };
const PEOPLE =
  'What is here is for people who have signed in; a token of an agent opens none of it, is counted, and told in the log.';
const BEARER =
  'A session is a bearer token in one header, so that no page of another site can send it along.';
const REBINDING =
  'Names and ports of this place alone pass: a page whose name was pointed here still sends that name.';
const PAGE = 'A browser says which page speaks; only those of this place pass.';
const STOP = '{"scope":"agent:other","level":"frozen"}';
const PRINTED = 'One reader, as strict as for agents: two readers must not find two things in a request.';

const stop = (id: string, tries: string, expect: Outcome, why: string, asked: Asked): Attack =>
  row(id, tries, expect, why, to('POST /v1/stop', { body: STOP, ...asked }));

export const CONTROL: AttackClass = {
  title: 'What is for people: control',
  rows: [
    {
      ...row(
        'agent-everywhere',
        'Every route with the token of an agent',
        TOKEN,
        PEOPLE,
        together(all, 'agent'),
      ),
      expect: { code: 'AGENT_TOKEN', tally: { '403 AGENT_TOKEN': all.length } },
    },
    {
      ...row(
        'nobody-everywhere',
        'Every route that is not for everybody, without a session',
        SIGN_IN,
        PEOPLE,
        together(closed, 'nobody'),
      ),
      expect: { code: 'SIGN_IN_NEEDED', tally: { '401 SIGN_IN_NEEDED': closed.length } },
    },
    row(
      'agent-revoked',
      'A token that was revoked',
      { status: 401, code: 'TOKEN_REFUSED' },
      'Whose it was decides nothing: it is an agent’s.',
      to('POST /v1/stop', { as: 'revoked', body: STOP }),
    ),
    row(
      'session-made-up',
      'A session that nobody began',
      { status: 401, code: 'SESSION_OVER' },
      BEARER,
      to('POST /v1/stop', { body: STOP, lines: () => ({ Authorization: `Bearer lys_${'A'.repeat(43)}` }) }),
    ),
    stop('cookie', "An agent's token as a cookie", SIGN_IN, BEARER, {
      lines: ({ tokens }) => ({ Cookie: `session=${tokens.agent}` }),
    }),
    stop('basic', "An agent's token as a password", SIGN_IN, BEARER, {
      lines: ({ tokens }) => ({ Authorization: `Basic ${btoa(`ada:${tokens.agent}`)}` }),
    }),
    stop('two-tokens', 'Two tokens', { status: 400, code: 'HEADER_MISMATCH' }, PRINTED, {
      lines: ({ tokens }) => ({ Authorization: [`Bearer ${tokens.agent}`, 'Bearer lys_x'] }),
    }),
    row('query', 'A token in the address', SIGN_IN, BEARER, (place) =>
      to(`POST /v1/stop?token=${place.tokens.agent}`, { body: STOP })(place),
    ),
    stop('host', 'A name that was rebound to this machine', HOST, REBINDING, {
      lines: () => ({ Host: 'evil.example' }),
    }),
    stop('host-port', 'The port of the door for agents', HOST, REBINDING, {
      lines: ({ host }) => ({ Host: `localhost:${host.split(':')[1]}` }),
    }),
    stop('host-twice', 'Two hosts', { status: 400, code: 'HEADER_MISMATCH' }, PRINTED, {
      lines: (place) => ({ Host: [named(place), 'evil.example'] }),
    }),
    stop('host-none', 'No host', { status: 400, code: 'HOST_MISSING' }, REBINDING, {
      lines: () => ({ Host: undefined }),
    }),
    stop('origin', 'A page of another origin', ORIGIN, PAGE, {
      lines: () => ({ Origin: 'https://evil.example' }),
    }),
    stop('origin-null', 'A page without an origin', ORIGIN, PAGE, { lines: () => ({ Origin: 'null' }) }),
    stop('origin-port', 'A page of another port of this machine', ORIGIN, PAGE, {
      lines: ({ host }) => ({ Origin: `http://localhost:${host.split(':')[1]}` }),
    }),
    stop('cross-site', 'A form of another site that is sent here', ORIGIN, PAGE, {
      lines: () => ({
        'Sec-Fetch-Site': 'cross-site',
        'Sec-Fetch-Mode': 'navigate',
        'Content-Type': 'text/plain',
      }),
    }),
    stop('same-site', 'A page of a neighbour on the same site', ORIGIN, PAGE, {
      lines: () => ({ 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'cors' }),
    }),
    row(
      'simple',
      'A request that a browser sends without asking, to a route for everybody',
      { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
      PAGE,
      to('POST /v1/sign-in/start', { body: '{}', lines: () => ({ 'Content-Type': 'text/plain' }) }),
    ),
    row(
      'keys-twice',
      'A key that stands twice, on a route for everybody',
      { status: 400, code: 'DUPLICATE_KEY' },
      PRINTED,
      to('POST /v1/sign-in/start', { body: '{"a":1,"a":2}' }),
    ),
    row(
      'keys-more',
      'A key that no route knows',
      { status: 400, code: 'BAD_REQUEST' },
      PRINTED,
      to('POST /v1/sign-in/start', { body: '{"person":"ada","admin":true}' }),
    ),
    row(
      'preflight',
      'What a browser asks before a page of another origin may write',
      ORIGIN,
      PAGE,
      to('OPTIONS /v1/stop', {
        lines: () => ({ Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' }),
      }),
    ),
    row(
      'upgrade',
      'A change of protocol',
      { status: 400, code: 'NO_UPGRADE' },
      'Nothing here changes its protocol.',
      to('GET /v1/events', { lines: () => ({ Connection: 'Upgrade', Upgrade: 'websocket' }) }),
    ),
    row(
      'connect',
      'A tunnel',
      { status: 405, code: 'METHOD_NOT_ALLOWED' },
      'Nothing is carried from here.',
      raw(
        (place) => `CONNECT ${new URL(place.canaryUrl).host} HTTP/1.1\r\nHost: ${named(place)}\r\n\r\n`,
        'control',
      ),
    ),
    row(
      'dots',
      'A route behind steps upwards',
      { status: 404, code: 'ROUTE_UNKNOWN' },
      'Addresses are compared as they are sent.',
      to('POST /log/../v1/stop', { body: STOP }),
    ),
    row(
      'case',
      'A route in capitals',
      { status: 404, code: 'PAGE_UNKNOWN' },
      'Addresses are compared as they are sent.',
      to('POST /V1/stop', { body: STOP }),
    ),
    row(
      'percent',
      'A route in percent signs',
      { status: 404, code: 'PAGE_UNKNOWN' },
      'Addresses are compared as they are sent.',
      to('POST /%761/stop', { body: STOP }),
    ),
    row(
      'override',
      'Another method in a header',
      { status: 401, code: 'SIGN_IN_NEEDED' },
      'The method is the one in the first line.',
      to('GET /v1/stop?scope=all', { lines: () => ({ 'X-HTTP-Method-Override': 'POST' }) }),
    ),
  ],
};

const socket = (first: string, body: string, lines: Lines = {}): ((place: Place) => HttpStep) =>
  ask(
    'operator',
    first,
    () => ({ Host: 'socket', 'Content-Type': 'application/json', ...lines }),
    () => body,
  );
const mine = (id: string, tries: string, expect: Outcome, why: string, step: Make): Attack => ({
  ...row(id, tries, expect, why, step),
  id: `operator-${id}`,
  door: 'operator',
});
const UNKNOWN_ROUTE: Outcome = { status: 404, code: 'SOCKET_ROUTE_UNKNOWN' };
const BAD: Outcome = { status: 400, code: 'BAD_REQUEST' };
const NOBODY =
  'The socket proves that a program of this user acts, and no person: it answers no question and signs nothing.';

export const OPERATOR: AttackClass = {
  title: 'The operator socket',
  rows: [
    mine(
      'keys-twice',
      'A key that stands twice: two agents to revoke',
      { status: 400, code: 'DUPLICATE_KEY' },
      PRINTED,
      socket('POST /v1/revoke', '{"agent":"nobody","agent":"other"}'),
    ),
    mine(
      'keys-escaped',
      'The same in two spellings',
      { status: 400, code: 'DUPLICATE_KEY' },
      PRINTED,
      socket('POST /v1/revoke', '{"agent":"nobody","\\u0061gent":"other"}'),
    ),
    mine(
      'by',
      'A stop in the name of a person',
      BAD,
      NOBODY,
      socket('POST /v1/stop', '{"scope":"agent:other","level":"frozen","by":"ada"}'),
    ),
    mine(
      'proof',
      'A release that says it was signed',
      BAD,
      NOBODY,
      socket('POST /v1/release', '{"scope":"all","why":"x","proof":"passkey"}'),
    ),
    mine(
      'approve',
      'A yes to a question',
      UNKNOWN_ROUTE,
      NOBODY,
      socket('POST /v1/approve', '{"approval":"x"}'),
    ),
    mine(
      'live',
      'A stop to a level at which all runs',
      { status: 409, code: 'LEVEL_UNKNOWN' },
      'A stop lowers a level and never raises one.',
      socket('POST /v1/stop', '{"scope":"agent:other","level":"live"}'),
    ),
    mine(
      'scope',
      'A stop of what does not exist',
      { status: 409, code: 'SCOPE_UNKNOWN' },
      'A stop of nobody would look like one.',
      socket('POST /v1/stop', '{"scope":"agent:nobody","level":"frozen"}'),
    ),
    mine(
      'prototype',
      'A route that every object has',
      UNKNOWN_ROUTE,
      'Routes are those that are named and no others.',
      socket('POST /constructor', '{}'),
    ),
    mine(
      'dots',
      'A route behind steps upwards',
      UNKNOWN_ROUTE,
      'Addresses are compared as they are sent.',
      socket('POST /v1/x/../token', '{"agent":"agent"}'),
    ),
    mine(
      'query',
      'A route with a question mark',
      UNKNOWN_ROUTE,
      'Addresses are compared as they are sent.',
      socket('POST /v1/token?agent=agent', '{"agent":"agent"}'),
    ),
    mine(
      'method',
      'An act by a GET',
      UNKNOWN_ROUTE,
      'Acts are POSTs.',
      socket('GET /v1/token', '{"agent":"agent"}'),
    ),
    mine(
      'form',
      'A form of a page',
      { status: 400, code: 'BAD_JSON' },
      PRINTED,
      socket('POST /v1/token', 'agent=agent', { 'Content-Type': 'application/x-www-form-urlencoded' }),
    ),
    mine(
      'list',
      'Several acts in one body',
      BAD,
      PRINTED,
      socket('POST /v1/revoke', '[{"agent":"other"},{"agent":"agent"}]'),
    ),
    mine(
      'behind',
      'A second body behind the first',
      { status: 400, code: 'BAD_JSON' },
      PRINTED,
      socket('POST /v1/revoke', '{"agent":"nobody"}{"agent":"other"}'),
    ),
    mine(
      'connect',
      'A tunnel',
      { status: 405, code: 'METHOD_NOT_ALLOWED' },
      'Nothing is carried from here.',
      raw(() => 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', 'operator'),
    ),
    mine(
      'framed',
      'A length, and chunks as well',
      { status: 400, code: 'BAD_HTTP' },
      PRINTED,
      socket('POST /v1/revoke', '{"agent":"other"}', { 'Transfer-Encoding': 'chunked' }),
    ),
  ],
};
