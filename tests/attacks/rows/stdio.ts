import type { Attack, AttackClass, Place } from '../attack.ts';
import { callText, ECHO, IN_ORDER, MARK, ORDER } from '../wire.ts';

const lines =
  (input: string | Buffer, token: (place: Place) => string = ({ tokens }) => tokens.agent) =>
  (place: Place) => ({
    kind: 'stdio' as const,
    upstream: 'box',
    token: token(place),
    input: Buffer.from(input),
  });
const row = (
  id: string,
  tries: string,
  input: string | Buffer,
  code: string,
  why: string,
  token?: (place: Place) => string,
): Attack => ({
  id: `stdio-${id}`,
  door: 'stdio',
  tries,
  must: code === 'none' ? 'Turned away before anything is read.' : `Refused with ${code}.`,
  why,
  steps: [lines(input, token)],
  expect: { code, lacks: [MARK], ...(code === 'none' ? { says: ['token'] } : {}) },
});
const LINE = 'One message a line, read as strictly as over HTTP.';
const LEGACY = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo', arguments: { text: MARK } } })}\n`;

export const STDIO: AttackClass = {
  title: 'The stdio face',
  rows: [
    {
      ...row('order', 'A call in order', `${IN_ORDER}\n`, 'ok', 'It is allowed.'),
      must: 'Passes.',
      control: true,
      expect: { code: 'ok', says: [ORDER] },
      reaches: [{ upstream: 'box', method: 'tools/call', name: 'echo', arguments: { text: ORDER } }],
    },
    row(
      'token-wrong',
      'A token that nobody has',
      `${ECHO}\n`,
      'none',
      'A wrong token opens nothing.',
      () => 'lyd_00000000_x',
    ),
    row(
      'token-revoked',
      'A token that was revoked',
      `${ECHO}\n`,
      'none',
      'A revoked token opens nothing.',
      ({ tokens }) => tokens.revoked,
    ),
    row(
      'token-other',
      "Another agent's token under this agent's name",
      `${ECHO}\n`,
      'none',
      'Whoever acts acts under its own name.',
      ({ tokens }) => tokens.other,
    ),
    row('batch', 'A batch', `[${ECHO}]\n`, 'BATCH', LINE),
    row('two', 'Two messages on one line', `${ECHO}${ECHO}\n`, 'BAD_JSON', LINE),
    row('return', 'Two messages with a carriage return between them', `${ECHO}\r${ECHO}\n`, 'BAD_JSON', LINE),
    row(
      'utf8',
      'Bytes that are no UTF-8',
      Buffer.concat([Buffer.from(ECHO.replace(MARK, '\u00ff'), 'latin1'), Buffer.from('\n')]),
      'BAD_UTF8',
      LINE,
    ),
    row(
      'twice',
      'The tool is named twice',
      `${ECHO.replace('"name":"echo"', '"name":"count","name":"echo"')}\n`,
      'DUPLICATE_KEY',
      LINE,
    ),
    row('depth', 'Arrays without end', `${'['.repeat(100_000)}\n`, 'TOO_DEEP', LINE),
    row(
      'before',
      'A call before anybody has introduced himself',
      LEGACY,
      'SESSION_MISSING',
      'Each call belongs to a session or says all that is needed itself.',
    ),
    row(
      'forbidden',
      'What a rule forbids',
      `${callText('echo', { text: 'forbidden' })}\n`,
      'FORBIDDEN',
      'The same rules hold at every door.',
    ),
    row(
      'content-length',
      'A message behind a header, as language servers write it',
      `Content-Length: ${ECHO.length}\r\n\r\n${ECHO}`,
      'BAD_JSON',
      LINE,
    ),
  ],
};
