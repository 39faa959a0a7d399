import type { Attack, AttackClass, Outcome } from '../attack.ts';
import { BAD, question, row } from './check-questions.ts';

const OWN = 'A token speaks for its own agent alone.';
const GUARD = 'The same guard stands before every door.';
const STRICT = 'Questions are read as strictly as calls.';
const EXACT = 'An address is exactly one of those there are.';
const REPORT = 'An outcome is told by whom the question was answered.';
const refused = (code: string, status: number): Outcome => ({ status, code });

const media = (id: string, tries: string, type: string): Attack =>
  row(id, tries, question(), refused('UNSUPPORTED_MEDIA_TYPE', 415), STRICT, {
    headers: { 'Content-Type': type },
  });
const address = (id: string, tries: string, path: string): Attack =>
  row(id, tries, question(), refused('NOT_FOUND', 404), EXACT, { path });
const outcome = (id: string, tries: string, body: object, expect: Outcome): Attack =>
  row(id, tries, body, expect, REPORT, { path: '/access/v1/outcome' });
const UNKNOWN = refused('UNKNOWN_ACTION', 404);

/** Who asks, where, and what is told afterwards. */
export const CHECK: AttackClass = {
  title: 'The check door',
  rows: [
    row('token', 'No token', question(), refused('TOKEN_MISSING', 401), OWN, { as: 'nobody' }),
    row('revoked', 'A token that was revoked', question(), refused('TOKEN_REFUSED', 401), OWN, {
      as: 'revoked',
    }),
    row('wrong-token', 'A token that nobody made', question(), refused('TOKEN_REFUSED', 401), OWN, {
      as: 'nobody',
      headers: { Authorization: 'Bearer lyd_00000000_AAAAAAAAAAAAAAAAAAAAAA' },
    }),
    row('scheme', 'Another scheme of authentication', question(), refused('TOKEN_MISSING', 401), OWN, {
      as: 'nobody',
      headers: { Authorization: 'Basic YWdlbnQ=' },
    }),
    row('two-tokens', 'Two tokens', question(), refused('HEADER_MISMATCH', 400), OWN, {
      headers: { authorization: 'Bearer lyd_00000000_A' },
    }),
    row('page', 'A foreign page', question(), refused('BAD_ORIGIN', 403), GUARD, {
      headers: { Origin: 'https://evil.example' },
    }),
    row('page-no-origin', 'A foreign page without an Origin', question(), refused('BAD_ORIGIN', 403), GUARD, {
      headers: { 'Sec-Fetch-Site': 'cross-site' },
    }),
    row('rebound', 'A name that was bound to this machine', question(), refused('BAD_HOST', 403), GUARD, {
      headers: { Host: 'evil.example' },
    }),
    row(
      'encoded',
      'A question that says it is compressed',
      question(),
      refused('UNSUPPORTED_MEDIA_TYPE', 415),
      STRICT,
      { headers: { 'Content-Encoding': 'gzip' } },
    ),
    media('text', 'A question that says it is text', 'text/plain'),
    media('form', 'A question that says it is a form', 'application/x-www-form-urlencoded'),
    row('put', 'A method that is none', question(), refused('METHOD_NOT_ALLOWED', 405), EXACT, {
      verb: 'PUT',
    }),
    address('address-slash', 'An address with a slash too many', '/access/v1/evaluation/'),
    address('address-dots', 'An address with dots', '/access/v1/../v1/evaluation'),
    address('search', 'A search, which is not offered', '/access/v1/search/subject'),
    outcome(
      'outcome',
      'An outcome of an action that is not its own',
      { action: '01JDZZZZZZZZZZZZZZZZZZZZZZ', outcome: 'ok' },
      UNKNOWN,
    ),
    outcome(
      'outcome-prototype',
      'A prototype for an action',
      { action: '__proto__', outcome: 'ok' },
      UNKNOWN,
    ),
    outcome('outcome-nothing', 'An outcome of no action', { outcome: 'ok' }, BAD),
    outcome('outcome-none', 'An outcome that is none', { action: 'x', outcome: 'allowed' }, BAD),
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
