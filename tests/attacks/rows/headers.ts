import type { Attack, AttackClass, Outcome } from '../attack.ts';
import {
  ARRIVES,
  callText,
  current,
  ECHO,
  IN_ORDER,
  type Lines,
  MARK,
  ORDER,
  open,
  post,
  postOlder,
  standard,
  wrapped,
} from '../wire.ts';

const MISMATCH: Outcome = { status: 400, code: 'HEADER_MISMATCH', lacks: [MARK] };
const SPLIT =
  'What stands before the gateway may decide by the header alone, so a header that says otherwise than the body is refused.';

/** A call of `echo` whose headers are not those that go with it. */
const split = (
  id: string,
  tries: string,
  headers: Lines,
  expect: Outcome = MISMATCH,
  why = SPLIT,
): Attack => ({
  id: `header-${id}`,
  door: 'http',
  tries,
  must: `Refused with ${expect.code === 'none' ? 'an HTTP error' : expect.code}.`,
  why,
  steps: [post(ECHO, { headers })],
  expect,
});

/** One that is in order although it looks odd. */
const odd = (id: string, tries: string, headers: Lines, why: string): Attack => ({
  id: `header-${id}`,
  door: 'http',
  tries,
  must: 'Passes, as what was decided and nothing else.',
  why,
  control: true,
  steps: [post(IN_ORDER, { headers })],
  expect: { code: 'ok', says: [ORDER] },
  reaches: ARRIVES,
});

const UNREADABLE: Outcome = { status: 400, code: 'BAD_HTTP', lacks: [MARK] };
const PARSER = 'The HTTP parser is strict: what two readers could read differently is no request.';

const methods: readonly Attack[] = [
  split('method-other', 'Mcp-Method names a harmless method', { 'Mcp-Method': 'tools/list' }),
  split('method-missing', 'Mcp-Method is left out', { 'Mcp-Method': undefined }),
  split('method-twice', 'Mcp-Method stands twice, once harmless', {
    'Mcp-Method': ['tools/call', 'tools/list'],
  }),
  split('method-twice-same', 'Mcp-Method stands twice, the same', {
    'Mcp-Method': ['tools/call', 'tools/call'],
  }),
  split('method-twice-cased', 'Mcp-Method stands twice in two spellings', {
    'Mcp-Method': 'tools/call',
    'mcp-method': 'tools/list',
  }),
  split('method-joined', 'Mcp-Method lists two methods', { 'Mcp-Method': 'tools/call, tools/list' }),
  split('method-case', 'Mcp-Method in capitals', { 'Mcp-Method': 'TOOLS/CALL' }),
  split('method-wrapped', 'Mcp-Method in Base64, which only names may be', {
    'Mcp-Method': wrapped('tools/call'),
  }),
  split('method-empty', 'Mcp-Method is empty', { 'Mcp-Method': '' }),
  split('method-not-ascii', 'Mcp-Method holds a byte beyond ASCII', { 'Mcp-Method': 'tools/call\u00e9' }),
];

const names: readonly Attack[] = [
  split('name-other', 'Mcp-Name names another tool', { 'Mcp-Name': 'count' }),
  split('name-missing', 'Mcp-Name is left out', { 'Mcp-Name': undefined }),
  split('name-twice', 'Mcp-Name stands twice, once another', { 'Mcp-Name': ['count', 'echo'] }),
  split('name-case', 'Mcp-Name in capitals', { 'Mcp-Name': 'ECHO' }),
  split('name-percent', 'Mcp-Name percent-encoded', { 'Mcp-Name': '%65cho' }),
  split('name-quoted', 'Mcp-Name in quotes', { 'Mcp-Name': '"echo"' }),
  split('name-wrapped-other', 'Mcp-Name is another tool in Base64', { 'Mcp-Name': wrapped('count') }),
  split('name-wrapped-padding', 'Mcp-Name in Base64 without its padding', {
    'Mcp-Name': '=?base64?ZWNobw?=',
  }),
  split('name-wrapped-junk', 'Mcp-Name in Base64 with other characters in it', {
    'Mcp-Name': '=?base64?ZW!Nobw==?=',
  }),
  split('name-wrapped-bits', 'Mcp-Name in Base64 whose last bits are not zero', {
    'Mcp-Name': '=?base64?ZWNobx==?=',
  }),
  split('name-wrapped-no-utf8', 'Mcp-Name in Base64 of bytes that are no UTF-8', {
    'Mcp-Name': wrapped(Buffer.from([0xff, 0xfe])),
  }),
  split('name-confusable', 'Mcp-Name with a Cyrillic o, in Base64', { 'Mcp-Name': wrapped('ech\u043e') }),
  split('name-invisible', 'Mcp-Name with a zero-width space, in Base64', {
    'Mcp-Name': wrapped('echo\u200b'),
  }),
  {
    id: 'header-name-on-list',
    door: 'http',
    tries: 'Mcp-Name on a list, which names nothing',
    must: 'Refused with HEADER_MISMATCH.',
    why: SPLIT,
    steps: [post(current('tools/list'), { headers: standard('tools/list', 'echo') })],
    expect: { status: 400, code: 'HEADER_MISMATCH' },
  },
  {
    id: 'header-name-of-uri',
    door: 'http',
    tries: 'Mcp-Name says another URI than the body',
    must: 'Refused with HEADER_MISMATCH.',
    why: SPLIT,
    steps: [
      post(current('resources/read', { uri: 'box://note' }), {
        headers: standard('resources/read', 'vault://secret'),
      }),
    ],
    expect: { status: 400, code: 'HEADER_MISMATCH' },
  },
  odd('name-wrapped', 'Mcp-Name in Base64', { 'Mcp-Name': wrapped('echo') }, 'It says the same as the body.'),
  odd(
    'name-padded',
    'Mcp-Name with blanks around it',
    { 'Mcp-Name': '  echo\t ' },
    'HTTP takes blanks off both ends.',
  ),
  odd(
    'name-lower',
    'Headers in lower case',
    { 'Mcp-Name': undefined, 'mcp-name': 'echo' },
    'HTTP header names have no case.',
  ),
  odd(
    'underscores',
    'A second name under Mcp_Name',
    { Mcp_Name: 'open' },
    'It is another header, and nobody decides by it.',
  ),
];

const versions: readonly Attack[] = [
  split('version-other', 'The version header says the older generation', {
    'Mcp-Protocol-Version': '2025-11-25',
  }),
  split('version-assumed', 'The version header says what a missing one is taken for', {
    'Mcp-Protocol-Version': '2025-03-26',
  }),
  split('version-missing', 'The version header is left out', { 'Mcp-Protocol-Version': undefined }),
  split('version-twice', 'The version header stands twice', {
    'Mcp-Protocol-Version': ['2026-07-28', '2025-11-25'],
  }),
  {
    id: 'header-version-unknown',
    door: 'http',
    tries: 'A version of tomorrow, in header and body',
    must: 'Refused with UNSUPPORTED_VERSION.',
    why: 'What a version means that nobody here knows cannot be decided.',
    steps: [
      post(callText('echo', { text: MARK }, { 'io.modelcontextprotocol/protocolVersion': '2027-01-01' }), {
        headers: { 'Mcp-Protocol-Version': '2027-01-01' },
      }),
    ],
    expect: { status: 400, code: 'UNSUPPORTED_VERSION' },
  },
  {
    id: 'header-version-alone',
    door: 'http',
    tries: 'The header says 2026-07-28, and the body has nothing of it',
    must: 'Refused with BAD_ENVELOPE.',
    why: 'The body says what it is; a header is compared and never believed.',
    steps: [
      post(
        JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name: 'echo', arguments: { text: MARK } },
        }),
      ),
    ],
    expect: { status: 400, code: 'BAD_ENVELOPE' },
  },
  {
    id: 'header-version-body-alone',
    door: 'http',
    tries: 'A call of 2026-07-28 with the headers of a session',
    must: 'Refused with HEADER_MISMATCH.',
    why: SPLIT,
    steps: [
      post(ECHO, {
        headers: {
          'Mcp-Protocol-Version': '2025-11-25',
          'Mcp-Session-Id': '00000000-0000-4000-8000-000000000000',
          'Mcp-Method': undefined,
          'Mcp-Name': undefined,
        },
      }),
    ],
    expect: { status: 400, code: 'HEADER_MISMATCH' },
  },
];

/** A call in a session, whose headers of 2026-07-28 say something else. */
const inSession = (id: string, tries: string, headers: Lines): Attack => ({
  id: `header-older-${id}`,
  door: 'http',
  tries,
  must: 'Refused with HEADER_MISMATCH.',
  why: `${SPLIT} A session needs none of them, and they have to be true all the same.`,
  steps: [
    open('agent'),
    postOlder(
      { id: 1, method: 'tools/call', params: { name: 'echo', arguments: { text: MARK } } },
      ({ kept }) => ({ headers: { 'Mcp-Session-Id': kept['session'], ...headers } }),
    ),
  ],
  expect: MISMATCH,
});
const older: readonly Attack[] = [
  inSession('method', 'In a session, Mcp-Method names a harmless method', { 'Mcp-Method': 'tools/list' }),
  inSession('name', 'In a session, Mcp-Name names another tool', { 'Mcp-Name': 'count' }),
  inSession('both', 'In a session, both name a harmless call, with the version of the session', {
    'Mcp-Protocol-Version': '2025-11-25',
    'Mcp-Method': 'tools/call',
    'Mcp-Name': 'count',
  }),
];

const routed = (region: unknown, headers: Lines) => [
  post(callText('routed', { region }), { headers: { ...standard('tools/call', 'routed'), ...headers } }),
];
const mirrored = (id: string, tries: string, region: unknown, headers: Lines): Attack => ({
  id: `header-param-${id}`,
  door: 'http',
  tries,
  must: 'Refused with HEADER_MISMATCH.',
  why: SPLIT,
  steps: routed(region, headers),
  expect: { status: 400, code: 'HEADER_MISMATCH' },
});
const params: readonly Attack[] = [
  mirrored('other', 'Mcp-Param-* says another region', 'eu', { 'Mcp-Param-Region': 'us' }),
  mirrored('missing', 'Mcp-Param-* is left out', 'eu', {}),
  mirrored('without-argument', 'Mcp-Param-* without its argument', undefined, { 'Mcp-Param-Region': 'us' }),
  mirrored('null', 'Mcp-Param-* beside an argument that is null', null, { 'Mcp-Param-Region': 'us' }),
  mirrored('twice', 'Mcp-Param-* stands twice', 'eu', { 'Mcp-Param-Region': ['us', 'eu'] }),
  mirrored('case', 'Mcp-Param-* in capitals', 'eu', { 'Mcp-Param-Region': 'EU' }),
  mirrored('wrapped', 'Mcp-Param-* is another region in Base64', 'eu', { 'Mcp-Param-Region': wrapped('us') }),
  mirrored('confusable', 'Mcp-Param-* with a letter that looks the same', 'eu', {
    'Mcp-Param-Region': wrapped('\u0435u'),
  }),
  {
    ...mirrored('right', 'Mcp-Param-* says what the argument says', 'eu', { 'Mcp-Param-Region': 'eu' }),
    must: 'Passes.',
    why: 'Header and body agree.',
    control: true,
    expect: { code: 'ok' },
    reaches: [{ upstream: 'box', method: 'tools/call', name: 'routed', arguments: { region: 'eu' } }],
  },
];

const lines: readonly Attack[] = [
  split('folded', 'A header folded over two lines', { 'Mcp-Name': 'count\r\n echo' }, UNREADABLE, PARSER),
  split('blank-before-colon', 'A blank between name and colon', { 'Mcp-Name ': 'count' }, UNREADABLE, PARSER),
  split(
    'bare-return',
    'A carriage return within a value',
    { 'X-Other': 'a\rMcp-Name: count' },
    UNREADABLE,
    PARSER,
  ),
  split('nul', 'A NUL within a value', { 'Mcp-Name': 'echo\0' }, UNREADABLE, PARSER),
  split('no-name', 'A header without a name', { '': 'count' }, UNREADABLE, PARSER),
];

export const HEADERS: AttackClass = {
  title: 'Splits between header and body',
  rows: [...methods, ...names, ...versions, ...older, ...params, ...lines],
};
