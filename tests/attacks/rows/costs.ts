import type { Attack, AttackClass } from '../attack.ts';
import { callText, current, MARK, post, standard } from '../wire.ts';

const LENGTH = 300_000;
const many = (text: string): string => text.repeat(Math.ceil(LENGTH / text.length));

const LINEAR =
  'Every text is read in linear time, whoever wrote it: by the reader, the rules, redaction, the log and what people see.';

/** Answered within the time that a connection is given at all; a gateway that backtracks over them is silent for minutes. */
const costly = (id: string, tries: string, text: string): Attack => ({
  id: `cost-${id}`,
  door: 'http',
  tries,
  must: 'It is forbidden like any other, at once, and others go on.',
  why: LINEAR,
  steps: [
    post(callText('vault__echo', { text: `${text} ${MARK}` }), {
      path: '/mcp',
      headers: { 'Mcp-Name': 'vault__echo' },
    }),
  ],
  expect: { status: 200, code: 'FORBIDDEN', lacks: [MARK] },
});

/** A template takes whatever it takes; what arrives is what was decided, letter by letter. */
const uri = (id: string, tries: string, text: string): Attack => ({
  ...costly(id, tries, text),
  must: 'It passes as it is, at once.',
  steps: [post(current('resources/read', { uri: text }), { headers: standard('resources/read', text) })],
  expect: { status: 200, code: 'ok' },
  reaches: [{ upstream: 'box', method: 'resources/read', name: text }],
});

/** Texts that cost a careless reader the square of their length, or more. */
export const COSTS: AttackClass = {
  title: 'What costs a careless reader its time',
  rows: [
    costly('blanks', 'A run of 300,000 blanks', many(' ')),
    costly(
      'blanks-ends',
      'Runs of blanks that end in something else, over and over',
      many(`${' '.repeat(999)}x`),
    ),
    costly('lines', 'A run of 300,000 line breaks', many('\r\n')),
    costly('secret', 'A secret of 300,000 letters', `sk-${many('a')}`),
    costly('secret-names', 'The beginnings of 50,000 secrets', many('token=')),
    costly(
      'bearer',
      'A word that announces a token, and blanks without end',
      `Authorization: Bearer${many(' ')}`,
    ),
    costly('key-block', 'A hundred private keys that never end', many('-----BEGIN PRIVATE KEY-----\n')),
    costly('dots', 'A token of nothing but dots', `eyJ${many('.')}`),
    costly('base64', 'Base64 of 300,000 letters without its end', many('QUJD')),
    costly('percent', 'Percent signs alone', many('%')),
    costly('percent-twice', 'Percent-encoding within percent-encoding', many('%25')),
    costly('quotes', 'Quotes and backslashes in turn', many('\\"')),
    costly('braces', 'Templates within templates', many('{{{')),
    costly('marks', 'A letter with 300,000 accents', `a${many('\u0301')}`),
    costly('pairs', 'Characters outside the first plane', many('\u{1f511}')),
    uri('template', 'A resource within the template of a resource', `box://of/${'{name}'.repeat(500)}`),
    uri('template-dots', 'A resource of nothing but steps upwards', `box://of/${'../'.repeat(1000)}note`),
  ],
};
