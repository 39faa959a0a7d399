import { LIMITS } from '../../../src/base/limits.ts';
import type { Attack, AttackClass, Outcome } from '../attack.ts';
import { MARK, post, type Request } from '../wire.ts';

/** A question of AuthZEN 1.0 about a call of `echo`, with members changed. */
export const question = (changed: object = {}): object => ({
  subject: { type: 'Agent', id: 'agent' },
  action: { name: 'mcp:box/echo' },
  resource: { type: 'Target', id: 'box' },
  context: { input: { text: MARK } },
  ...changed,
});
const GOOD = JSON.stringify(question());
const inContext = (text: string): string => GOOD.replace('"context":{', `"context":{${text},`);
const atTop = (text: string): string => GOOD.replace('{', `{${text},`);
const inInput = (text: string): string => GOOD.replace('"input":{', `"input":{${text},`);

export const ask = (body: object | string | Buffer, request: Request = {}) =>
  post(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body), {
    path: '/access/v1/evaluation',
    ...request,
    headers: {
      'Mcp-Protocol-Version': undefined,
      'Mcp-Method': undefined,
      'Mcp-Name': undefined,
      ...request.headers,
    },
  });

export const row = (
  id: string,
  tries: string,
  body: object | string | Buffer,
  expect: Outcome,
  why: string,
  request: Request = {},
): Attack => ({
  id: `check-${id}`,
  door: 'check',
  tries,
  must: `Refused with ${expect.code}.`,
  why,
  steps: [ask(body, request)],
  expect,
});

export const BAD: Outcome = { status: 400, code: 'BAD_REQUEST' };
const refused = (code: string, status = 400): Outcome => ({ status, code });

const OWN = 'A token speaks for its own agent alone.';
const SYSTEM =
  'What rules call system is what Lanyard knows itself; no spelling of it is taken from a caller.';
const STRICT = 'Questions are read as strictly as calls.';
const AGREE =
  'What is asked about is made of the arguments, as it is for a call; a resource that says otherwise is a mistake or a trick.';
const EXACT = 'An operation is one of an upstream, by its exact name.';
const BOUNDED = 'Each request is bounded.';

/** Every spelling by which somebody may hope to set what Lanyard alone sets. */
const SPELLINGS: readonly (readonly [id: string, how: string, body: string])[] = [
  ['system', 'as it is named', inContext('"system":{"marks":[]}')],
  ['system-null', 'as null', inContext('"system":null')],
  ['system-capitals', 'in capitals', inContext('"SYSTEM":{}')],
  ['system-escape', 'with an escape', inContext('"s\\u0079stem":{}')],
  ['system-wide', 'in full width', inContext('"ｓｙｓｔｅｍ":{}')],
  ['system-invisible', 'with a character of no width', inContext('"sys\\u200btem":{}')],
  ['system-path', 'by its path', inContext('"system.now":1')],
  ['system-whole-path', 'by its whole path', inContext('"context.system":{}')],
  ['system-index', 'by its whole path with an index', inContext('"context[\\"system\\"]":{}')],
  ['system-blanks', 'with blanks', inContext('" system ":{}')],
  ['system-top', 'at the top', atTop('"system":{}')],
  ['system-top-path', 'at the top by its path', atTop('"context.system":{}')],
];

const WHO: readonly Attack[] = [
  ...(
    [
      ['other', 'A question in the name of another agent', 'other'],
      ['none', 'An agent that is none', 'root'],
      ['prototype', 'A prototype for an agent', '__proto__'],
      ['spelling', 'The agent in capitals', 'AGENT'],
    ] as const
  ).map(([id, tries, agent]) =>
    row(id, tries, question({ subject: { type: 'Agent', id: agent } }), refused('FOREIGN_AGENT', 403), OWN),
  ),
  row('person', 'A person for a subject', question({ subject: { type: 'Person', id: 'ada' } }), BAD, OWN),
  row('no-subject', 'No subject', question({ subject: null }), BAD, STRICT),
  row('subjects', 'A list of subjects', question({ subject: [{ type: 'Agent', id: 'agent' }] }), BAD, STRICT),
  row(
    'properties',
    'Properties of a subject that are none',
    question({ subject: { type: 'Agent', id: 'agent', properties: 7 } }),
    BAD,
    STRICT,
  ),
  row(
    'twice',
    'The subject stands twice',
    atTop('"subject":{"type":"Agent","id":"other"}'),
    refused('DUPLICATE_KEY'),
    STRICT,
  ),
  row(
    'twice-disguised',
    'The subject stands twice, once with an escape',
    atTop('"subj\\u0065ct":{"type":"Agent","id":"other"}'),
    refused('DUPLICATE_KEY'),
    STRICT,
  ),
];

const WHAT: readonly Attack[] = [
  row('no-resource', 'A text for a resource', question({ resource: 'box' }), BAD, STRICT),
  row(
    'other-resource',
    'Another resource than the arguments name',
    question({ resource: { type: 'Target', id: 'vault' } }),
    refused('RESOURCE_DIFFERS'),
    AGREE,
  ),
  row(
    'resource-type',
    'A type of resource that is none',
    question({ resource: { type: '__proto__', id: 'box' } }),
    refused('RESOURCE_DIFFERS'),
    AGREE,
  ),
  row(
    'no-upstream',
    'An operation of no upstream',
    question({ action: { name: 'mcp:none/x' } }),
    refused('UNKNOWN_UPSTREAM', 400),
    EXACT,
  ),
  row('no-mcp', 'An operation that is none of MCP', question({ action: { name: 'http:GET' } }), BAD, EXACT),
  row(
    'tool-prototype',
    'A prototype for a tool',
    question({ action: { name: 'mcp:box/constructor' } }),
    refused('UNKNOWN_OPERATION'),
    EXACT,
  ),
  row(
    'tool-slash',
    'A tool with a way back in its name',
    question({ action: { name: 'mcp:box/a/../echo' } }),
    refused('UNKNOWN_OPERATION'),
    EXACT,
  ),
  row(
    'argument',
    'An argument that is no text where one is declared',
    question({ context: { input: { text: 7 } } }),
    refused('ARGUMENTS_INVALID'),
    STRICT,
  ),
  row(
    'argument-prototype',
    'A prototype in the arguments',
    inInput('"__proto__":{"text":"b"}'),
    refused('RESERVED_KEY'),
    STRICT,
  ),
  row(
    'argument-entity',
    'An entity in the arguments',
    inInput('"x":{"__entity":{"type":"Agent","id":"other"}}'),
    refused('RESERVED_KEY'),
    STRICT,
  ),
  row('input', 'Arguments that are none', question({ context: { input: MARK } }), BAD, STRICT),
  row('context', 'A context that is none', question({ context: null }), BAD, STRICT),
  row('session-empty', 'A session without a name', inContext('"session":""'), BAD, STRICT),
  row(
    'session-terminal',
    'A session that steers a terminal',
    inContext('"session":"\\u001b[2J"'),
    BAD,
    STRICT,
  ),
  ...SPELLINGS.map(([id, how, body]) =>
    row(id, `What rules call system, ${how}`, body, refused('SYSTEM_CONTEXT'), SYSTEM),
  ),
];

const HOW: readonly Attack[] = [
  row('list', 'A list of questions where one is asked', [question()], BAD, STRICT),
  row('two-bodies', 'Two questions, one behind the other', `${GOOD}${GOOD}`, refused('BAD_JSON'), STRICT),
  row('surrogate', 'Half a surrogate', inContext('"note":"\\ud800"'), refused('LONE_SURROGATE'), STRICT),
  row(
    'utf8',
    'Bytes that are no UTF-8',
    Buffer.from(inContext('"note":"\u00ff"'), 'latin1'),
    refused('BAD_UTF8'),
    STRICT,
  ),
  row(
    'number',
    'The number 2^53 + 1',
    inContext('"note":9007199254740993'),
    refused('NUMBER_OUT_OF_RANGE'),
    STRICT,
  ),
  row(
    'deep',
    'Nesting without end',
    inContext(`"note":${'['.repeat(100_000)}`),
    refused('TOO_DEEP'),
    BOUNDED,
  ),
  row(
    'large',
    'More than a request may hold',
    inContext(`"note":"${'x'.repeat(LIMITS.requestBytes)}"`),
    refused('BODY_TOO_LARGE', 413),
    BOUNDED,
  ),
  ...(
    [
      ['questions', 'Questions that are no list', '"evaluations":{}', 'BAD_REQUEST'],
      ['questions-lists', 'Questions that are no objects', '"evaluations":[[]]', 'BAD_REQUEST'],
      [
        'semantic',
        'A semantic of many questions that is none',
        '"options":{"evaluations_semantic":"allow_all"},"evaluations":[{}]',
        'BAD_REQUEST',
      ],
      [
        'flood',
        'A flood of questions in one request',
        `"evaluations":[${'{},'.repeat(LIMITS.evaluationsPerRequest)}{}]`,
        'TOO_MANY_EVALUATIONS',
      ],
    ] as const
  ).map(([id, tries, text, code]) =>
    row(id, tries, atTop(text), refused(code), code === 'BAD_REQUEST' ? STRICT : BOUNDED, {
      path: '/access/v1/evaluations',
    }),
  ),
  row(
    'system-default',
    'What rules call system as the default of many questions',
    inContext('"system":{}').replace('{', '{"evaluations":[{"context":{"input":{"text":"x"}}}],'),
    refused('SYSTEM_CONTEXT'),
    SYSTEM,
    { path: '/access/v1/evaluations' },
  ),
];

/** What is asked, and how it is written. */
export const QUESTIONS: AttackClass = {
  title: 'Questions to the check door',
  rows: [...WHO, ...WHAT, ...HOW],
};
