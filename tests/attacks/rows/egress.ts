import type { Attack, AttackClass, Outcome, Place, Who } from '../attack.ts';
import { head, type Lines, raw } from '../wire.ts';

/** The canary, by its address: `walker` has a rule that names it, `rover` one that names nothing. */
const canaryAt = ({ canaryUrl }: Place): string => new URL(canaryUrl).host;
const portOf = ({ canaryUrl }: Place): string => new URL(canaryUrl).port;

/** What a tunnel would carry: at the canary it is an effect. */
const INSIDE = 'POST /through HTTP/1.1\r\nHost: canary\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
const THROUGH = [{ upstream: 'elsewhere', method: 'POST', name: '/through' }];

interface Asked {
  readonly as?: Who;
  readonly lines?: (place: Place) => Lines;
  readonly behind?: string | ((place: Place) => string);
}

function connecting(
  authority: (place: Place) => string,
  { as = 'walker', lines, behind = INSIDE }: Asked = {},
) {
  return raw((place) => {
    const to = authority(place);
    const proof: Lines = as === 'nobody' ? {} : { 'Proxy-Authorization': `Bearer ${place.tokens[as]}` };
    const first = head(`CONNECT ${to} HTTP/1.1`, { Host: to, ...proof, ...lines?.(place) });
    return Buffer.concat([first, Buffer.from(typeof behind === 'string' ? behind : behind(place))]);
  }, 'egress');
}

const out = (
  id: string,
  tries: string,
  expect: Outcome,
  why: string,
  step: ReturnType<typeof connecting>,
): Attack => ({
  id: `out-${id}`,
  door: 'egress',
  tries,
  must: `Refused with ${expect.code}; nothing is carried.`,
  why,
  steps: [step],
  expect,
});

const INTO: Outcome = { status: 403, code: 'PRIVATE_ADDRESS' };
const HOUSE =
  'What is not public is reached only where a rule names address and port; a rule for everything is none, and what counts is the address that would be connected.';
const into = (id: string, tries: string, authority: (place: Place) => string): Attack =>
  out(id, tries, INTO, HOUSE, connecting(authority, { as: 'rover' }));

const addresses: readonly Attack[] = [
  into('loopback', 'This machine, under a rule that permits everything', canaryAt),
  into('loopback-name', 'A name that leads to this machine', (place) => `localhost:${portOf(place)}`),
  into('loopback-dot', 'The same with a full stop', (place) => `localhost.:${portOf(place)}`),
  into('loopback-short', 'This machine in two parts', (place) => `127.1:${portOf(place)}`),
  into('loopback-number', 'This machine as one number', (place) => `2130706433:${portOf(place)}`),
  into('loopback-hexadecimal', 'This machine in hexadecimal', (place) => `0x7f.0.0.1:${portOf(place)}`),
  into('loopback-octal', 'This machine in octal', (place) => `0177.0.0.1:${portOf(place)}`),
  into(
    'loopback-elsewhere',
    'This machine by another of its addresses',
    (place) => `127.9.9.9:${portOf(place)}`,
  ),
  into('any', 'The address of no machine, which is this one', (place) => `0.0.0.0:${portOf(place)}`),
  into('mapped', 'This machine mapped into IPv6', (place) => `[::ffff:127.0.0.1]:${portOf(place)}`),
  into('mapped-hexadecimal', 'The same in hexadecimal', (place) => `[::ffff:7f00:1]:${portOf(place)}`),
  into('loopback-six', 'This machine in IPv6', (place) => `[::1]:${portOf(place)}`),
  into('any-six', 'The address of no machine in IPv6', (place) => `[::]:${portOf(place)}`),
  into(
    'translated',
    'This machine behind a translation (NAT64)',
    (place) => `[64:ff9b::7f00:1]:${portOf(place)}`,
  ),
  into('six-to-four', 'This machine in 6to4', (place) => `[2002:7f00:1::]:${portOf(place)}`),
  into('metadata', 'The metadata of a cloud', () => '169.254.169.254:80'),
  into('wire-server', 'A service that a cloud keeps at a public address', () => '168.63.129.16:80'),
  into('private', 'A machine of the house', () => '10.0.0.1:443'),
  into('private-six', 'A machine of the house in IPv6', () => '[fd00::1]:443'),
  into('link', 'A machine of the same link', () => '[fe80::1]:443'),
];

const NAMED =
  'Each tunnel is decided by name and port before anything is looked up; what no rule names is denied.';
const ONE =
  'Whoever reads a request must read one: what is decided by stands once, and a Host names where the tunnel leads.';
const CALLER = 'The token in Proxy-Authorization says who asks, and nothing else does.';
const ONLY = 'This door carries tunnels that were decided, and answers nothing else.';
const AUTHORITY: Outcome = { status: 400, code: 'BAD_AUTHORITY' };
const FORM = 'Where a tunnel leads is a host and a port and nothing more.';

const requests: readonly Attack[] = [
  {
    ...out(
      'in-order',
      'A tunnel to the place that a rule names',
      { status: 200, code: 'none' },
      NAMED,
      connecting(canaryAt),
    ),
    must: 'It is open, and carries what is sent.',
    control: true,
    reaches: THROUGH,
  },
  {
    ...out(
      'host-own',
      'A Host that names the way out itself, as simple clients write it',
      { status: 200, code: 'none' },
      'It is this machine’s own address, and decides nothing: the tunnel leads where CONNECT says.',
      connecting(canaryAt, { lines: ({ faces }) => ({ Host: faces.egress ?? '' }) }),
    ),
    must: 'It is open, and carries what is sent.',
    control: true,
    reaches: THROUGH,
  },
  out(
    'unnamed',
    'A host that no rule names',
    { status: 403, code: 'NO_PERMIT' },
    NAMED,
    connecting(() => 'nobody.invalid:443'),
  ),
  out(
    'port',
    'Another port of the place that a rule names',
    INTO,
    HOUSE,
    connecting(() => '127.0.0.1:1'),
  ),
  out(
    'host-other',
    'A Host that names the permitted place, before another',
    { status: 400, code: 'HEADER_MISMATCH' },
    ONE,
    connecting(() => 'nobody.invalid:443', {
      lines: (place) => ({ Host: canaryAt(place).replace('127.0.0.1', '127.0.0.2') }),
    }),
  ),
  out(
    'host-reversed',
    'A Host that names another place than the permitted one',
    { status: 400, code: 'HEADER_MISMATCH' },
    ONE,
    connecting(canaryAt, { lines: () => ({ Host: 'elsewhere.example:443' }) }),
  ),
  out(
    'host-twice',
    'Two hosts',
    { status: 400, code: 'HEADER_MISMATCH' },
    ONE,
    connecting(canaryAt, { lines: (place) => ({ Host: [canaryAt(place), 'elsewhere.example:443'] }) }),
  ),
  out(
    'token-twice',
    'Two tokens',
    { status: 400, code: 'HEADER_MISMATCH' },
    ONE,
    connecting(canaryAt, {
      as: 'nobody',
      lines: ({ tokens }) => ({
        'Proxy-Authorization': [`Bearer ${tokens.walker}`, `Bearer ${tokens.rover}`],
      }),
    }),
  ),
  out(
    'token-missing',
    'No token',
    { status: 407, code: 'TOKEN_MISSING' },
    CALLER,
    connecting(canaryAt, { as: 'nobody' }),
  ),
  out(
    'token-misplaced',
    'A token for the place itself, and none for the way out',
    { status: 407, code: 'TOKEN_MISSING' },
    CALLER,
    connecting(canaryAt, {
      as: 'nobody',
      lines: ({ tokens }) => ({ Authorization: `Bearer ${tokens.walker}` }),
    }),
  ),
  out(
    'token-revoked',
    'A revoked token',
    { status: 407, code: 'TOKEN_REFUSED' },
    CALLER,
    connecting(canaryAt, { as: 'revoked' }),
  ),
  out(
    'token-expired',
    'An expired token',
    { status: 407, code: 'TOKEN_REFUSED' },
    CALLER,
    connecting(canaryAt, { as: 'expired' }),
  ),
  out(
    'token-user',
    "A user's name of another agent beside a token that is wrong",
    { status: 407, code: 'TOKEN_REFUSED' },
    CALLER,
    connecting(canaryAt, {
      as: 'nobody',
      lines: () => ({ 'Proxy-Authorization': `Basic ${btoa('agent:lyd_00000000_no')}` }),
    }),
  ),
  out(
    'token-other',
    "Another agent's token, at the name of a place that a rule names for this one",
    { status: 403, code: 'NO_PERMIT' },
    NAMED,
    connecting((place) => `localhost:${portOf(place)}`, { as: 'agent' }),
  ),
  out(
    'authority-none',
    'A word for an address',
    AUTHORITY,
    FORM,
    connecting(() => 'nowhere'),
  ),
  out(
    'authority-user',
    'A user before the address',
    AUTHORITY,
    FORM,
    connecting((place) => `user@${canaryAt(place)}`),
  ),
  out(
    'authority-path',
    'A path behind the address',
    AUTHORITY,
    FORM,
    connecting((place) => `${canaryAt(place)}/through`),
  ),
  out(
    'authority-scheme',
    'A whole URL',
    AUTHORITY,
    FORM,
    connecting((place) => `http://${canaryAt(place)}`),
  ),
  out(
    'authority-zero',
    'Port 0',
    AUTHORITY,
    FORM,
    connecting(() => '127.0.0.1:0'),
  ),
  out(
    'authority-port',
    'A port beyond all ports',
    AUTHORITY,
    FORM,
    connecting(() => '127.0.0.1:65537'),
  ),
  out(
    'plain',
    'A request for a whole URL, as plain proxies take it',
    { status: 405, code: 'TUNNELS_ONLY' },
    ONLY,
    raw(
      (place) =>
        head(`POST http://${canaryAt(place)}/through HTTP/1.1`, {
          Host: canaryAt(place),
          'Proxy-Authorization': `Bearer ${place.tokens.walker}`,
          'Content-Length': '0',
          Connection: 'close',
        }),
      'egress',
    ),
  ),
  out(
    'h2c',
    'A change to HTTP/2 without encryption, and bytes behind it',
    { status: 400, code: 'NO_UPGRADE' },
    ONLY,
    raw(
      (place) =>
        Buffer.concat([
          head(`GET http://${canaryAt(place)}/through HTTP/1.1`, {
            Host: canaryAt(place),
            'Proxy-Authorization': `Bearer ${place.tokens.walker}`,
            Connection: 'Upgrade, HTTP2-Settings',
            Upgrade: 'h2c',
            'HTTP2-Settings': 'AAMAAABkAAQAAP__',
          }),
          Buffer.from(INSIDE),
        ]),
      'egress',
    ),
  ),
  out(
    'websocket',
    'A change to WebSocket, and bytes behind it',
    { status: 400, code: 'NO_UPGRADE' },
    ONLY,
    raw(
      (place) =>
        Buffer.concat([
          head('GET /through HTTP/1.1', {
            Host: canaryAt(place),
            'Proxy-Authorization': `Bearer ${place.tokens.walker}`,
            Connection: 'Upgrade',
            Upgrade: 'websocket',
            'Sec-WebSocket-Version': '13',
            'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
          }),
          Buffer.from(INSIDE),
        ]),
      'egress',
    ),
  ),
  out(
    'http2',
    'HTTP/2 from its first byte',
    { status: 400, code: 'BAD_HTTP' },
    ONLY,
    raw(() => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'egress'),
  ),
  out(
    'pipelined',
    'A second CONNECT behind one that is denied',
    { status: 403, code: 'NO_PERMIT' },
    NAMED,
    connecting(() => 'nobody.invalid:443', {
      behind: (place) =>
        `${head(`CONNECT ${canaryAt(place)} HTTP/1.1`, { Host: canaryAt(place), 'Proxy-Authorization': `Bearer ${place.tokens.walker}` }).toString('latin1')}${INSIDE}`,
    }),
  ),
  out(
    'framed',
    'A CONNECT with a length and chunks',
    { status: 400, code: 'BAD_HTTP' },
    ONE,
    connecting(canaryAt, { lines: () => ({ 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }) }),
  ),
  out(
    'folded',
    'A Host folded over two lines',
    { status: 400, code: 'BAD_HTTP' },
    ONE,
    connecting(canaryAt, { lines: (place) => ({ Host: `${canaryAt(place)}\r\n elsewhere.example` }) }),
  ),
  out(
    'split',
    'A line break within the address',
    { status: 400, code: 'BAD_HTTP' },
    ONE,
    connecting((place) => `nobody.invalid:443\nHost: ${canaryAt(place)}`),
  ),
];

/** Rows about the proxy, which carries tunnels alone. */
export const WAY_OUT: AttackClass = { title: 'The way out', rows: [...addresses, ...requests] };
