import type { Attack, AttackClass, Outcome, Place } from '../attack.ts';
import { ARRIVES, callText, ECHO, IN_ORDER, type Lines, MARK, ORDER, post, type Request } from '../wire.ts';

const refused = (
  id: string,
  tries: string,
  request: Request | ((place: Place) => Request),
  expect: Outcome,
  why: string,
): Attack => ({
  id,
  door: 'http',
  tries,
  must: `Refused with ${expect.code === 'none' ? `HTTP ${[expect.status].flat().join(' or ')}` : expect.code}.`,
  why,
  steps: [(place) => post(ECHO, typeof request === 'function' ? request(place) : request)(place)],
  expect: { lacks: [MARK], ...expect },
});
const passes = (
  id: string,
  tries: string,
  request: Request | ((place: Place) => Request),
  why: string,
): Attack => ({
  ...refused(id, tries, request, { code: 'ok', says: [ORDER] }, why),
  must: 'Passes, as what was decided and nothing else.',
  control: true,
  steps: [(place) => post(IN_ORDER, typeof request === 'function' ? request(place) : request)(place)],
  expect: { code: 'ok', says: [ORDER] },
  reaches: ARRIVES,
});

const HOST: Outcome = { status: 403, code: 'BAD_HOST' };
const ORIGIN: Outcome = { status: 403, code: 'BAD_ORIGIN' };
const REBINDING =
  'A page whose name was pointed at this machine still sends that name; only names of this gateway pass.';
const PAGE = 'A browser says which page speaks; only pages of this gateway pass.';
const host = (id: string, tries: string, value: string | readonly string[], expect = HOST): Attack =>
  refused(`host-${id}`, tries, { headers: { Host: value } }, expect, REBINDING);
const origin = (id: string, tries: string, headers: Lines, expect = ORIGIN): Attack =>
  refused(`origin-${id}`, tries, { headers }, expect, PAGE);

const hosts: readonly Attack[] = [
  host('foreign', 'A name that was rebound to this machine', 'evil.example'),
  host('foreign-port', 'The same with our port', 'evil.example:7700'),
  host('prefix', 'A name that begins like ours', 'localhost.evil.example'),
  host('address-prefix', 'A name that begins like our address', '127.0.0.1.evil.example'),
  host('suffix', 'A name that ends like ours', 'evil-localhost'),
  host('userinfo', 'Our name as a user of another host', 'localhost@evil.example'),
  host('backslash', 'Our name behind a backslash', 'evil.example\\localhost'),
  host('dot', 'Our name with a full stop', 'localhost.'),
  host('decimal', 'Our address as one number', '2130706433'),
  host('hexadecimal', 'Our address in hexadecimal', '0x7f.0.0.1'),
  host('short', 'Our address with two parts', '127.1'),
  host('mapped', 'Our address mapped into IPv6', '[::ffff:127.0.0.1]'),
  host('any', 'The address of no machine', '0.0.0.0'),
  host('empty', 'An empty name', '', { status: 400, code: 'HOST_MISSING' }),
  host('two-names', 'Two names in one header', 'localhost, evil.example'),
  host('twice', 'Two hosts', ['localhost', 'evil.example'], { status: 400, code: 'HEADER_MISMATCH' }),
  refused(
    'host-forwarded',
    'A foreign name, with ours as the forwarded one',
    { headers: { Host: 'evil.example', 'X-Forwarded-Host': 'localhost', Forwarded: 'host=localhost' } },
    HOST,
    REBINDING,
  ),
  passes(
    'host-capitals',
    'Our name in capitals',
    { headers: { Host: 'LOCALHOST' } },
    'Names of hosts have no case.',
  ),
  origin('foreign', 'A foreign page', { Origin: 'https://evil.example' }),
  origin('null', 'A page without an address', { Origin: 'null' }),
  origin('file', 'A page from a file', { Origin: 'file://' }),
  origin('prefix', 'A page whose name begins like ours', { Origin: 'http://localhost.evil.example' }),
  origin('userinfo', 'A page with our name as its user', { Origin: 'http://localhost@evil.example' }),
  origin('path', 'An origin with a path', { Origin: 'http://evil.example/localhost' }),
  origin('extension', 'A page of a browser extension', { Origin: 'chrome-extension://abcdefgh' }),
  origin('two', 'Two origins in one header', { Origin: 'http://localhost http://evil.example' }),
  origin(
    'twice',
    'Two origins',
    { Origin: ['http://localhost', 'https://evil.example'] },
    { status: 400, code: 'HEADER_MISMATCH' },
  ),
  origin('embedded', 'A page that embeds the address and names no origin', {
    'Sec-Fetch-Site': 'cross-site',
  }),
  origin('same-site', 'A page of a neighbouring name', { 'Sec-Fetch-Site': 'same-site' }),
  passes(
    'origin-own',
    'A page of this machine',
    { headers: { Origin: 'http://localhost:6274' } },
    'What runs on this machine under its own name is no stranger, and needs a token all the same.',
  ),
];

const MISSING: Outcome = { status: 401, code: 'TOKEN_MISSING' };
const REFUSED: Outcome = { status: 401, code: 'TOKEN_REFUSED' };
const TOKEN =
  'Only a bearer token in the Authorization header says who an agent is, and it is compared whole.';
const auth = (
  id: string,
  tries: string,
  value: (place: Place) => string | readonly string[] | undefined,
  expect: Outcome,
  extra: (place: Place) => Request = () => ({}),
): Attack =>
  refused(
    `token-${id}`,
    tries,
    (place) => {
      const given = extra(place);
      return { ...given, headers: { Authorization: value(place), ...given.headers } };
    },
    expect,
    TOKEN,
  );
const bearer = (text: string): string => `Bearer ${text}`;

const tokens: readonly Attack[] = [
  auth('none', 'No token', () => undefined, MISSING),
  auth('empty', 'An empty token', () => 'Bearer ', MISSING),
  auth('basic', 'The token under another scheme', ({ tokens }) => `Basic ${tokens.agent}`, MISSING),
  auth('bare', 'The token without a scheme', ({ tokens }) => tokens.agent, MISSING),
  auth('tab', 'A tab before the token', ({ tokens }) => `Bearer\t${tokens.agent}`, MISSING),
  auth(
    'two',
    'Two tokens in one header',
    ({ tokens }) => `Bearer ${tokens.agent}, Bearer ${tokens.other}`,
    MISSING,
  ),
  auth(
    'twice',
    'Two Authorization headers, one of them good',
    ({ tokens }) => [bearer('x'), bearer(tokens.agent)],
    { status: 400, code: 'HEADER_MISMATCH' },
  ),
  auth(
    'in-query',
    'The token in the address',
    () => undefined,
    MISSING,
    ({ tokens }) => ({ path: `/mcp/box?access_token=${tokens.agent}` }),
  ),
  auth(
    'in-cookie',
    'The token in a cookie',
    () => undefined,
    MISSING,
    ({ tokens }) => ({ headers: { Cookie: `Authorization=${tokens.agent}` } }),
  ),
  auth(
    'in-proxy',
    'The token for a proxy',
    () => undefined,
    MISSING,
    ({ tokens }) => ({ headers: { 'Proxy-Authorization': bearer(tokens.agent) } }),
  ),
  auth(
    'in-other',
    'The token in a header of its own',
    () => undefined,
    MISSING,
    ({ tokens }) => ({ headers: { 'X-Authorization': bearer(tokens.agent), 'X-Api-Key': tokens.agent } }),
  ),
  auth('wrong', 'A token that nobody has', () => bearer(`lyd_00000000_${'A'.repeat(43)}`), REFUSED),
  auth('cut', 'A token without its last letter', ({ tokens }) => bearer(tokens.agent.slice(0, -1)), REFUSED),
  auth('longer', 'A token with a letter more', ({ tokens }) => bearer(`${tokens.agent}A`), REFUSED),
  auth('case', 'A token in capitals', ({ tokens }) => bearer(tokens.agent.toUpperCase()), REFUSED),
  auth(
    'mixed',
    "One agent's token id with another's secret",
    ({ tokens }) => bearer(tokens.agent.slice(0, 12) + tokens.other.slice(12)),
    REFUSED,
  ),
  auth('hash', 'The id alone', ({ tokens }) => bearer(tokens.agent.slice(0, 12)), REFUSED),
  auth('prototype', 'A prototype for a token id', () => bearer('lyd___proto___x'), REFUSED),
  auth('revoked', 'A token that was revoked', ({ tokens }) => bearer(tokens.revoked), REFUSED),
  auth('expired', 'A token that has expired', ({ tokens }) => bearer(tokens.expired), REFUSED),
  {
    ...auth('failures', 'Failing so often that the address is shut out, to lock the others out', () => 'x', {
      tally: { '401 TOKEN_REFUSED': 30 },
      code: 'TOKEN_REFUSED',
    }),
    must: 'Each is refused, and a right token still passes afterwards.',
    why: 'Failures are limited per address, and a right token is never held back by them.',
    steps: [
      (place) => ({
        kind: 'together',
        steps: Array.from({ length: 30 }, (_, at) =>
          post(ECHO, { headers: { Authorization: bearer(`wrong-${at}`) } })(place),
        ),
      }),
    ],
  },
  passes(
    'token-lower',
    'The scheme in lower case',
    ({ tokens }) => ({ headers: { Authorization: `bearer ${tokens.agent}` } }),
    'Names of schemes have no case (RFC 9110 §11.1).',
  ),
  passes(
    'token-capitals',
    'The scheme in capitals and two blanks',
    ({ tokens }) => ({ headers: { Authorization: `BEARER  ${tokens.agent}` } }),
    'RFC 6750 allows it.',
  ),
];

const META =
  'Of our own metadata an agent may give three members, in their form; nothing that it says sets what rules call system.';
const meta = (id: string, tries: string, members: object): Attack => ({
  ...refused(`meta-${id}`, tries, {}, { status: 200, code: 'BAD_PARAMS' }, META),
  steps: [post(callText('echo', { text: MARK }, members))],
});
const claims: readonly Attack[] = [
  meta('decision', 'An agent brings the decision along', { 'dev.lanyard/decision': { decision: 'allow' } }),
  meta('agent', 'An agent says that it is another', { 'dev.lanyard/agent': 'other' }),
  meta('system', 'An agent sets what rules call system', { 'dev.lanyard/system': { marks: [] } }),
  meta('session-object', 'A session that is no name', { 'dev.lanyard/session': { id: 1 } }),
  meta('session-long', 'A session of 1,000 characters', { 'dev.lanyard/session': 'x'.repeat(1000) }),
  meta('reason-escape', 'A reason that clears a terminal', { 'dev.lanyard/reason': '\u001b[2J\u001b[H' }),
  meta('reason-long', 'A reason of 5,000 characters', { 'dev.lanyard/reason': 'x'.repeat(5000) }),
  meta('progress', 'A progress token that is an object', { progressToken: { a: 1 } }),
  {
    ...meta('kept-back', 'An agent gives what it may give', {
      'dev.lanyard/reason': 'Because.',
      'dev.lanyard/session': 'mine',
    }),
    must: 'Passes, and nothing of it reaches the server.',
    control: true,
    steps: [
      post(
        callText(
          'echo',
          { text: ORDER },
          { 'dev.lanyard/reason': 'Because.', 'dev.lanyard/session': 'mine' },
        ),
      ),
    ],
    expect: { code: 'ok', says: [ORDER] },
    reaches: ARRIVES,
  },
];

const inputs = (
  id: string,
  tries: string,
  name: string,
  args: unknown,
  code: string,
  why: string,
): Attack => ({
  ...refused(`argument-${id}`, tries, {}, { status: 200, code }, why),
  steps: [post(callText(name, args as object), { headers: { 'Mcp-Name': name } })],
});
const SCHEMA =
  'Arguments must fit the schema that was accepted, so that rules see all that the server will see.';
const argumentsRows: readonly Attack[] = [
  inputs(
    'undeclared',
    'An argument that was not declared',
    'echo',
    { text: MARK, sudo: true },
    'ARGUMENTS_INVALID',
    SCHEMA,
  ),
  inputs('kind', 'A number for a text', 'echo', { text: 5 }, 'ARGUMENTS_INVALID', SCHEMA),
  inputs('missing', 'A required argument is left out', 'echo', {}, 'ARGUMENTS_INVALID', SCHEMA),
  inputs('fraction', 'A fraction for an integer', 'count', { n: 1.5 }, 'ARGUMENTS_INVALID', SCHEMA),
  inputs('string-number', 'A text for an integer', 'count', { n: '1' }, 'ARGUMENTS_INVALID', SCHEMA),
  inputs('array', 'A list for the arguments', 'echo', [MARK], 'BAD_PARAMS', SCHEMA),
  inputs('null', 'Nothing for the arguments', 'echo', null, 'BAD_PARAMS', SCHEMA),
  inputs('forbidden', 'What a rule forbids', 'echo', { text: 'forbidden' }, 'FORBIDDEN', 'The rule says so.'),
  inputs(
    'forbidden-escaped',
    'What a rule forbids, written with escapes',
    'echo',
    { text: 'forbidden' },
    'FORBIDDEN',
    'Rules see the parsed text.',
  ),
  {
    ...inputs(
      'beside',
      'A member beside the arguments that a server might read',
      'echo',
      {},
      'BAD_PARAMS',
      'Members of parameters that mean nothing are refused.',
    ),
    steps: [post(ECHO.replace('"arguments":', '"argument":{"text":"x"},"arguments":'))],
  },
].map((one) =>
  one.id === 'argument-forbidden-escaped'
    ? {
        ...one,
        steps: [post(callText('echo', { text: 'forbidden' }).replace('forbidden', '\\u0066orbidden'))],
      }
    : one,
);

export const HOSTS: AttackClass = { title: 'Web pages and rebound names', rows: hosts };
export const TOKENS: AttackClass = { title: 'Tokens', rows: tokens };
export const CLAIMS: AttackClass = {
  title: 'What an agent says of itself, and arguments',
  rows: [...claims, ...argumentsRows],
};
