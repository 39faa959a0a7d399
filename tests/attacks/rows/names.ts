import type { Attack, AttackClass, Outcome, Reached } from '../attack.ts';
import { callText, current, MARK, ORDER, post, standard, wrapped } from '../wire.ts';

const header = (name: string): string => (/^[\x21-\x7e]+$/.test(name) ? name : wrapped(name));
const calling = (path: string, name: string, args: object = { text: MARK }) =>
  post(callText(name, args), { path, headers: standard('tools/call', header(name)) });

const UNKNOWN: Outcome = { status: 200, code: 'UNKNOWN_OPERATION', lacks: [MARK] };
const LETTERS =
  'Names are compared letter by letter with those that were accepted; nothing is folded, trimmed or decoded.';

/** On the common address, where names are `<upstream>__<name>`. */
const common = (
  id: string,
  tries: string,
  name: string,
  expect = UNKNOWN,
  why = LETTERS,
  args?: object,
): Attack => ({
  id: `name-${id}`,
  door: 'http',
  tries,
  must: `Refused with ${expect.code}.`,
  why,
  steps: [calling('/mcp', name, args)],
  expect,
});
const own = (
  id: string,
  tries: string,
  name: string,
  expect = UNKNOWN,
  why = LETTERS,
  args?: object,
): Attack => ({
  ...common(id, tries, name, expect, why),
  steps: [calling('/mcp/box', name, args)],
});

const FORBIDDEN: Outcome = { status: 200, code: 'FORBIDDEN', lacks: [MARK] };
const HELD: Outcome = { status: 200, code: 'APPROVAL_UNAVAILABLE', lacks: [MARK] };
const RULE = 'The rule names the upstream, and the upstream is what stands before the first two underscores.';
const CLASS = 'A tool that no catalog classifies is held, whatever it is called.';

const split: readonly Attack[] = [
  common('forbidden', "Another upstream's tool by its right name", 'vault__echo', FORBIDDEN, RULE),
  common(
    'twice-prefixed',
    'A forbidden name behind an allowed upstream',
    'box__vault__open',
    HELD,
    'It is the tool `vault__open` of box, which is held; the vault has no part in it.',
    {},
  ),
  common('prefix-case', 'The upstream in capitals', 'VAULT__open'),
  common('prefix-blank', 'A blank before the upstream', ' vault__open'),
  common('prefix-confusable', 'The upstream with a Cyrillic a', 'v\u0430ult__open'),
  common('prefix-fullwidth', 'The upstream in full width', '\uff56ault__open'),
  common('prefix-invisible', 'The upstream with a zero-width space', 'vault\u200b__open'),
  common('prefix-override', 'The upstream behind a mark that turns text around', '\u202evault__open'),
  common('prefix-missing', 'No upstream at all', '__open'),
  common('prefix-prototype', 'A prototype for an upstream', '__proto____open'),
  common('one-underscore', 'One underscore', 'vault_open'),
  common('three-underscores', 'Three underscores', 'vault___open'),
  common('slash', 'A slash instead', 'vault/open'),
  common('operation', 'The name that rules have for it', 'mcp:vault/open'),
  common('no-tool', 'An upstream without a tool', 'vault__'),
  common('tool-blank', 'A blank behind the tool', 'box__echo '),
  common('tool-dot', 'A full stop behind the tool', 'box__echo.'),
  common('tool-nul', 'A NUL behind the tool', 'box__echo\0'),
  common('tool-line', 'A line break behind the tool', 'box__echo\n'),
  common('tool-long', 'A name of 200 characters', `box__${'e'.repeat(200)}`),
  {
    id: 'name-common',
    door: 'http',
    tries: 'An allowed tool on the common address',
    must: 'Passes, to that upstream alone.',
    why: 'It is what it says.',
    control: true,
    steps: [calling('/mcp', 'box__echo', { text: ORDER })],
    expect: { code: 'ok', says: [ORDER] },
    reaches: [{ upstream: 'box', method: 'tools/call', name: 'echo', arguments: { text: ORDER } }],
  },
];

const imitations: readonly Attack[] = [
  own('other-upstream', "Another upstream's tool on this upstream's address", 'open'),
  own(
    'offered-prefix',
    'A tool that an upstream offers under the name of another',
    'vault__open',
    HELD,
    CLASS,
    {},
  ),
  own('offered-case', 'A tool whose name differs in case from an allowed one', 'ECHO', HELD, CLASS),
  own('offered-operation', 'A tool that is named like an operation', 'mcp:vault/open'),
  own('offered-method', 'A tool that is named like another kind of operation', 'resources/read'),
  own('offered-blank', 'A tool that is named like an allowed one and a blank', 'echo '),
  own('offered-confusable', 'A tool that is named like an allowed one, with a Cyrillic o', 'ech\u043e'),
  own('offered-escape', 'A tool whose name clears a terminal', '\u001b[2Jecho'),
  own(
    'offered-claim',
    'A tool that says of itself that it only reads',
    'claims',
    HELD,
    'A server does not classify itself.',
    {},
  ),
  own('prototype', 'A tool that every object has', 'constructor'),
  own('proto', 'A prototype for a tool', '__proto__'),
  own('path', 'A tool that is a path', '../vault/open'),
  own(
    'empty',
    'A tool without a name',
    '',
    { status: 200, code: 'BAD_PARAMS' },
    'There is nothing to look up.',
  ),
  {
    ...own(
      'number',
      'A number for a tool',
      'x',
      { status: 400, code: 'HEADER_MISMATCH' },
      'A name is a string.',
    ),
    steps: [
      post(current('tools/call', { name: 5, arguments: {} }), { headers: standard('tools/call', '5') }),
    ],
  },
  {
    ...own(
      'array',
      'A list for a tool',
      'x',
      { status: 400, code: 'HEADER_MISMATCH' },
      'A name is a string.',
    ),
    steps: [
      post(current('tools/call', { name: ['echo'], arguments: {} }), {
        headers: standard('tools/call', 'echo'),
      }),
    ],
  },
  {
    id: 'name-listing',
    door: 'http',
    tries: 'What a server offers under names that imitate others is listed',
    must: 'Names outside the letters that rules can hold are hidden; so is our metadata in definitions.',
    why: 'A model cannot choose what it is not shown, and rules and headers hold each name that is shown.',
    steps: [post(current('tools/list'), { headers: standard('tools/list', null) })],
    expect: {
      code: 'ok',
      says: ['"echo"', '"vault__open"'],
      lacks: ['mcp:vault/open', '"resources/read"', '"echo "', 'ech\u043e', '\\u001b', 'dev.lanyard/'],
    },
  },
  {
    id: 'name-listing-forbidden',
    door: 'http',
    tries: 'The list of an upstream that is forbidden altogether',
    must: 'It is empty.',
    why: 'Listed is what could be had.',
    steps: [post(current('tools/list'), { path: '/mcp/vault', headers: standard('tools/list', null) })],
    expect: { code: 'ok', lacks: ['"open"', '"echo"'] },
  },
];

const reading = (path: string, uri: string) =>
  post(current('resources/read', { uri }), { path, headers: standard('resources/read', header(uri)) });
const resource = (
  id: string,
  tries: string,
  path: string,
  uri: string,
  expect: Outcome,
  why: string,
  reaches?: readonly Reached[],
): Attack => ({
  id: `uri-${id}`,
  door: 'http',
  tries,
  must: reaches === undefined ? `Refused with ${expect.code}.` : 'Passes.',
  why,
  steps: [reading(path, uri)],
  expect,
  ...(reaches === undefined ? {} : { control: true as const, reaches }),
});
const resources: readonly Attack[] = [
  resource(
    'forbidden',
    "A forbidden upstream's resource",
    '/mcp/vault',
    'vault://secret',
    { code: 'FORBIDDEN' },
    RULE,
  ),
  resource(
    'forbidden-common',
    "A forbidden upstream's resource on the common address",
    '/mcp',
    'vault://secret',
    { code: 'UNKNOWN_OPERATION' },
    'What is not shown to an agent leads nowhere.',
  ),
  resource(
    'case',
    'A URI in another case on the common address',
    '/mcp',
    'BOX://note',
    { code: 'UNKNOWN_OPERATION' },
    LETTERS,
  ),
  resource(
    'encoded',
    'A URI with an encoded letter on the common address',
    '/mcp',
    'box://%6eote',
    { code: 'UNKNOWN_OPERATION' },
    LETTERS,
  ),
  resource(
    'dots',
    'A template that is to reach further than one segment',
    '/mcp',
    'box://of/../../vault',
    { code: 'UNKNOWN_OPERATION' },
    'A variable of a template holds one segment.',
  ),
  resource(
    'control',
    'A URI with a line break',
    '/mcp/box',
    'box://note\n',
    { code: 'BAD_PARAMS' },
    'No address holds control characters.',
  ),
  resource(
    'long',
    'A URI of 10,000 characters',
    '/mcp/box',
    `box://${'x'.repeat(10_000)}`,
    { code: 'BAD_PARAMS' },
    'Addresses are bounded.',
  ),
  {
    ...resource(
      'object',
      'An object for a URI',
      '/mcp/box',
      'x',
      { code: 'BAD_PARAMS' },
      'An address is a string.',
    ),
    steps: [
      post(current('resources/read', { uri: { a: 1 } }), { headers: standard('resources/read', null) }),
    ],
  },
  resource(
    'allowed',
    'A resource that may be read',
    '/mcp/box',
    'box://note',
    { code: 'ok', says: ['read at box'] },
    'It is allowed.',
    [{ upstream: 'box', method: 'resources/read', name: 'box://note' }],
  ),
];

const getting = (path: string, name: string, args: unknown) =>
  post(current('prompts/get', { name, arguments: args }), {
    path,
    headers: standard('prompts/get', header(name)),
  });
const prompts: readonly Attack[] = [
  {
    id: 'prompt-forbidden',
    door: 'http',
    tries: "A forbidden upstream's prompt",
    must: 'Denied with FORBIDDEN.',
    why: RULE,
    steps: [getting('/mcp', 'vault__unlock', {})],
    expect: { code: 'FORBIDDEN' },
  },
  {
    id: 'prompt-argument',
    door: 'http',
    tries: 'A prompt with an argument that is no text',
    must: 'Refused with BAD_PARAMS.',
    why: 'Arguments of prompts are texts, so that rules see what the server sees.',
    steps: [getting('/mcp/box', 'greet', { who: { toString: 'x' } })],
    expect: { code: 'BAD_PARAMS' },
  },
  {
    id: 'prompt-unknown',
    door: 'http',
    tries: 'A prompt that nobody offers',
    must: 'Refused with UNKNOWN_OPERATION.',
    why: LETTERS,
    steps: [getting('/mcp/box', 'unlock', {})],
    expect: { code: 'UNKNOWN_OPERATION' },
  },
];

export const NAMES: AttackClass = {
  title: 'Names that imitate others',
  rows: [...split, ...imitations, ...resources, ...prompts],
};
