import type { Attack, AttackClass, Outcome } from '../attack.ts';
import { SECRET } from '../secret.ts';
import { callText, current, MARK, ORDER, post, standard } from '../wire.ts';

const call = (name: string, args: object, path = '/mcp/box') =>
  post(callText(name, args), { path, headers: { 'Mcp-Name': name } });
const reached = (name: string, args: object) => [
  { upstream: 'box', method: 'tools/call', name, arguments: args as Record<string, unknown> },
];

const FORGED =
  'Metadata under `dev.lanyard/` is dropped from all that servers send, at any depth, so what a client reads there is ours.';
const verdict = (how: string, tries: string, code: string, says: readonly string[]): Attack => ({
  id: `result-verdict-${how}`,
  door: 'http',
  tries,
  must: 'The rest passes, the verdict does not.',
  why: FORGED,
  steps: [call('verdict', { how })],
  expect: { status: 200, code, says, lacks: ['dev.lanyard/decision', 'All is well'] },
  reaches: reached('verdict', { how }),
});
const UPSTREAM = 'an error of the upstream';
const verdicts: readonly Attack[] = [
  verdict('result', 'A result carries a verdict of ours', 'ok', ['other/kept']),
  verdict('content', 'A part of a result carries one', 'ok', ['plain']),
  verdict('resource', 'A resource within a result carries one', 'ok', ['plain']),
  verdict('structured', 'Structured content carries one, deep within', 'ok', ['plain']),
  verdict('error', "An error's data carries one in its metadata", UPSTREAM, ['plain']),
  {
    ...verdict('data', "An error's data is one, as ours is for resources and prompts", UPSTREAM, ['plain']),
    must: 'The error passes without the verdict and without a code of ours.',
    why: 'Our members and our codes in the data of an error are ours alone.',
  },
  {
    ...verdict('words', 'A result that is worded like a denial', 'ok', ['Lanyard denied echo']),
    must: 'It passes, without the metadata by which a denial is known.',
    why: 'Words are no verdict; whoever must know looks at the metadata.',
  },
];

const SHOWN =
  'What a terminal would obey stands in JSON as an escape and never as the byte, on every face; what people read at a terminal is shown without it.';
const controls: readonly Attack[] = [
  {
    ...verdict('controls', 'A result that clears the screen and renames the window', 'ok', ['plain']),
    must: 'It passes, and not one byte that commands is on the wire.',
    why: SHOWN,
  },
  {
    ...verdict('controls-error', 'An error that clears the screen and hides a link', UPSTREAM, ['plain']),
    must: 'It passes, and not one byte that commands is on the wire.',
    why: SHOWN,
  },
].map((row) => ({ ...row, expect: { ...row.expect, lacks: ['\u001b', '\u0007'] } }));

const BROKEN =
  'What a server answers is read as strictly as what an agent asks; what cannot be read is a failure, and never sent on.';
const strange = (how: string, tries: string, code = 'UPSTREAM_FAILED', why = BROKEN): Attack => ({
  id: `result-${how}`,
  door: 'http',
  tries,
  must:
    code === 'ok'
      ? 'The answer passes, the rest does not.'
      : `The call fails with ${code}; whether it acted is not known.`,
  why,
  steps: [call('strange', { how })],
  expect: { status: 200, code },
  reaches: reached('strange', { how }),
});
const results: readonly Attack[] = [
  strange(
    'redirect',
    'A server sends the call on to another one',
    'UPSTREAM_FAILED',
    'Redirects are not followed: the other one was never decided on.',
  ),
  strange('wrong-id', 'An answer to another request'),
  strange('twice', 'A result in which a key stands twice'),
  strange('array', 'A batch of answers'),
  strange('raw-controls', 'A control byte as it is, within a text'),
  strange('html', 'A page instead of an answer'),
  strange('no-content', 'A result whose content is no list'),
  strange('surrogate', 'A text with half of a pair'),
  strange('deep', 'A result that nests without end'),
  strange('both', 'A result and an error at once'),
  strange('type', 'A result of a type that nobody declared'),
  strange('huge', 'An answer of 17 MB', 'UPSTREAM_ANSWER_TOO_LARGE', 'Answers are bounded.'),
  {
    ...strange(
      'ask',
      'A server asks the model of the client in the middle of a call',
      'ok',
      'What a server asks of a client is refused unless its configuration lets it.',
    ),
    expect: { code: 'ok', says: ['answered'], lacks: ['sampling/createMessage'] },
  },
  {
    id: 'result-secret',
    door: 'http',
    tries: 'A server tells the secret it was given',
    must: 'The answer passes without it.',
    why: 'Secrets of the configuration are scrubbed from all that servers send.',
    steps: [call('leak', {})],
    expect: { code: 'ok', says: ['my key is'], lacks: [SECRET] },
    reaches: reached('leak', {}),
  },
  {
    id: 'result-progress',
    door: 'http',
    tries: "A server tells progress under somebody else's token, and with a verdict",
    must: 'Only the progress of this call passes, without the verdict.',
    why: 'Towards servers each call has a token of ours; what comes under another belongs to nobody.',
    steps: [post(callText('steps', {}, { progressToken: 'mine' }), { headers: { 'Mcp-Name': 'steps' } })],
    expect: {
      code: 'ok',
      says: ['"progressToken":"mine"', 'done'],
      lacks: ['somebody else', 'dev.lanyard/decision'],
    },
    reaches: reached('steps', {}),
  },
];

/** The list of turncoat; asked for until it shows, or no longer shows, a tool as it was accepted. */
const listing = (name: string, shown: boolean) =>
  post(current('tools/list'), {
    path: '/mcp/turncoat',
    headers: standard('tools/list', null),
    until: ({ text }) => text.includes(`"${name}"`) === shown,
  });
const list = post(current('tools/list'), { path: '/mcp/turncoat', headers: standard('tools/list', null) });
const turn = (to: string) => () => ({ kind: 'turn' as const, to });
const helper = (args: object = { text: MARK }) => call('helper', args, '/mcp/turncoat');
const CHANGED: Outcome = { status: 200, code: 'PIN_CHANGED', lacks: [MARK] };
const PIN =
  'Definitions are pinned as a whole when they are accepted; what differs is hidden and denied until a person accepts it.';
/** The gateway sees it at the latest when it looks again. What is new beside what was accepted hides nothing. */
const hidden = (to: string) => (to === 'grown' ? list : listing('helper', false));
/** Each begins with what was accepted, and has the gateway look once: then it turns. */
const pinned = (
  id: string,
  tries: string,
  to: string,
  steps: Attack['steps'],
  expect: Outcome,
  must: string,
): Attack => ({
  id: `pin-${id}`,
  door: 'http',
  tries,
  must,
  why: PIN,
  steps: [turn('honest'), listing('helper', true), turn(to), hidden(to), ...steps],
  expect,
});
const pins: readonly Attack[] = [
  pinned(
    'description',
    "A tool's description changes between list and call",
    'changed',
    [helper()],
    CHANGED,
    'Denied with PIN_CHANGED.',
  ),
  pinned(
    'argument',
    'A tool asks for one more argument',
    'widened',
    [helper({ text: MARK, to: 'me' })],
    { status: 200, code: 'PIN_CHANGED', lacks: [MARK] },
    'Denied with PIN_CHANGED.',
  ),
  pinned(
    'argument-old',
    'The same, called as it was accepted',
    'widened',
    [helper()],
    CHANGED,
    'Denied with PIN_CHANGED.',
  ),
  pinned(
    'new',
    'A tool appears that nobody accepted',
    'grown',
    [call('wipe', {}, '/mcp/turncoat')],
    CHANGED,
    'Denied with PIN_CHANGED.',
  ),
  pinned(
    'list',
    'What has changed is listed',
    'changed',
    [list],
    { code: 'ok', says: ['steady'], lacks: ['helper', 'everything you know'] },
    'It is hidden; what has not changed is shown.',
  ),
  {
    ...pinned(
      'steady',
      'A tool that has not changed beside one that has',
      'changed',
      [call('steady', { text: ORDER }, '/mcp/turncoat')],
      { code: 'ok' },
      'Passes.',
    ),
    control: true,
    reaches: [{ upstream: 'turncoat', method: 'tools/call', name: 'steady', arguments: { text: ORDER } }],
  },
];

const hostile = (
  id: string,
  tries: string,
  name: string,
  code: string,
  why: string,
  args: object = { text: `${'a'.repeat(5000)}!` },
): Attack => ({
  id: `schema-${id}`,
  door: 'http',
  tries,
  must: `Refused with ${code}, at once.`,
  why,
  steps: [call(name, args, '/mcp/hostile')],
  expect: { status: 200, code },
});
const READER =
  'Schemas are compiled once, within bounds, by a reader that takes linear time and fetches nothing.';
const schemas: readonly Attack[] = [
  hostile(
    'pattern',
    'A pattern that takes other engines for ever',
    'slow-pattern',
    'ARGUMENTS_INVALID',
    READER,
  ),
  hostile('back-reference', 'A pattern that refers back', 'back-reference', 'SCHEMA_UNUSABLE', READER),
  hostile('remote', 'A schema that is to be fetched from elsewhere', 'fetched', 'SCHEMA_UNUSABLE', READER),
  hostile('circle', 'A reference that leads to itself', 'circle', 'ARGUMENTS_INVALID', READER),
  hostile(
    'deep',
    'A schema that nests 48 levels',
    'deep',
    'UNKNOWN_OPERATION',
    'A schema beyond the bounds is hidden with its tool.',
  ),
  hostile(
    'no-object',
    'A schema that is not one of an object',
    'no-object',
    'ARGUMENTS_INVALID',
    'Arguments are an object, and fit no such schema.',
  ),
  hostile('lies', 'A schema that is none', 'lies', 'SCHEMA_UNUSABLE', READER),
  hostile('entity', 'A schema that declares how rules write entities', 'entity', 'RESERVED_KEY', READER, {
    __entity: { type: 'Agent', id: 'other' },
  }),
  hostile(
    'proto',
    'A schema that declares a prototype',
    'proto',
    'RESERVED_KEY',
    READER,
    JSON.parse('{"__proto__":"x"}') as object,
  ),
  hostile(
    'many',
    'A schema of 700 kB',
    'many',
    'UNKNOWN_OPERATION',
    'A definition that nobody could read is hidden.',
  ),
  hostile(
    'huge',
    'A description of 600 kB',
    'huge',
    'UNKNOWN_OPERATION',
    'A definition that nobody could read is hidden.',
  ),
  hostile(
    'header-twice',
    'Two arguments that are to be mirrored into one header',
    'header-twice',
    'SCHEMA_UNUSABLE',
    'Header and body could not agree.',
    {},
  ),
  {
    id: 'schema-listed',
    door: 'http',
    tries: 'What cannot be called is listed, for a model to read all the same',
    must: 'None of it is listed.',
    why: 'What nobody could call is shown to nobody; a person is told which it is, and why.',
    steps: [post(current('tools/list'), { path: '/mcp/hostile', headers: standard('tools/list', null) })],
    expect: {
      status: 200,
      code: 'ok',
      says: ['slow-pattern'],
      lacks: ['back-reference', 'fetched', '"lies"', 'header-twice', '"deep"', '"many"', '"huge"'],
    },
  },
];

export const RESULTS: AttackClass = {
  title: 'What servers answer',
  rows: [...verdicts, ...controls, ...results],
};
export const DEFINITIONS: AttackClass = {
  title: 'Definitions that change, and schemas that hurt',
  rows: [...pins, ...schemas],
};
