import type { Attack, AttackClass, Outcome } from '../attack.ts';
import { MARK, post, type Request } from '../wire.ts';

/** A question of AuthZEN 1.0 about a call of `echo`, with members changed. */
const question = (changed: object = {}): object => ({
  subject: { type: 'Agent', id: 'agent' },
  action: { name: 'mcp:box/echo' },
  resource: { type: 'Target', id: 'box' },
  context: { input: { text: MARK } },
  ...changed,
});
const ask = (body: object | string, request: Request = {}) =>
  post(typeof body === 'string' ? body : JSON.stringify(body), {
    path: '/access/v1/evaluation',
    ...request,
    headers: {
      'Mcp-Protocol-Version': undefined,
      'Mcp-Method': undefined,
      'Mcp-Name': undefined,
      ...request.headers,
    },
  });
const row = (
  id: string,
  tries: string,
  body: object | string,
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

const OWN = 'A token speaks for its own agent alone.';
const SYSTEM =
  'What rules call system is what Lanyard knows itself; no spelling of it is taken from a caller.';
const STRICT = 'Questions are read as strictly as calls.';
const FOREIGN: Outcome = { status: 403, code: 'FOREIGN_AGENT' };
const SET: Outcome = { status: 400, code: 'SYSTEM_CONTEXT' };
const BAD: Outcome = { status: 400, code: 'BAD_REQUEST' };

export const CHECK: AttackClass = {
  title: 'The check door',
  rows: [
    row(
      'other',
      'A question in the name of another agent',
      question({ subject: { type: 'Agent', id: 'other' } }),
      FOREIGN,
      OWN,
    ),
    row(
      'prototype',
      'A prototype for an agent',
      question({ subject: { type: 'Agent', id: '__proto__' } }),
      FOREIGN,
      OWN,
    ),
    row(
      'spelling',
      'The agent in capitals',
      question({ subject: { type: 'Agent', id: 'AGENT' } }),
      FOREIGN,
      OWN,
    ),
    row('person', 'A person for a subject', question({ subject: { type: 'Person', id: 'ada' } }), BAD, OWN),
    row(
      'system',
      'A caller sets what rules call system',
      question({ context: { input: {}, system: { marks: [] } } }),
      SET,
      SYSTEM,
    ),
    row('system-top', 'The same at the top', { ...question(), system: {} }, SET, SYSTEM),
    row(
      'twice',
      'The subject stands twice',
      JSON.stringify(question()).replace('{', '{"subject":{"type":"Agent","id":"other"},'),
      { status: 400, code: 'DUPLICATE_KEY' },
      STRICT,
    ),
    row('list', 'A list of questions where one is asked', [question()], BAD, STRICT),
    row('token', 'No token', question(), { status: 401, code: 'TOKEN_MISSING' }, OWN, { as: 'nobody' }),
    row('revoked', 'A token that was revoked', question(), { status: 401, code: 'TOKEN_REFUSED' }, OWN, {
      as: 'revoked',
    }),
    row(
      'page',
      'A foreign page',
      question(),
      { status: 403, code: 'BAD_ORIGIN' },
      'The same guard stands before every door.',
      { headers: { Origin: 'https://evil.example' } },
    ),
    row(
      'encoded',
      'A question that says it is compressed',
      question(),
      { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
      STRICT,
      { headers: { 'Content-Encoding': 'gzip' } },
    ),
    row(
      'outcome',
      'An outcome of an action that is not its own',
      JSON.stringify({ action: '01JDZZZZZZZZZZZZZZZZZZZZZZ', outcome: 'ok' }),
      { status: 404, code: 'UNKNOWN_ACTION' },
      'An outcome is told by whom the question was answered.',
      { path: '/access/v1/outcome' },
    ),
    {
      ...row(
        'forbidden',
        'What is forbidden is asked for',
        question({
          action: { name: 'mcp:vault/open' },
          resource: { type: 'Target', id: 'vault' },
          context: { input: {} },
        }),
        { status: 200, code: 'FORBIDDEN', says: ['"decision":false'] },
        'The same rules hold at every door.',
      ),
      must: 'Answered with false, and FORBIDDEN.',
    },
    {
      ...row(
        'allowed',
        'What is allowed is asked for',
        question(),
        { status: 200, code: 'ok', says: ['"decision":true'] },
        'It is allowed; nothing is sent, as only a question was asked.',
      ),
      must: 'Answered with true; nothing reaches a server.',
      control: true,
    },
  ],
};
