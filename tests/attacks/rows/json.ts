import type { Attack, AttackClass, Outcome } from '../attack.ts';
import { callText, current, ECHO, MARK, post } from '../wire.ts';

const ARGUMENTS = `{"text":"${MARK}"}`;
/** The call of `echo` with other arguments, as JSON text. */
const inArguments = (text: string): string => ECHO.replace(ARGUMENTS, text);
const bytes = (code: string, status = 400): Outcome => ({ status, code, lacks: [MARK] });

const refused = (
  id: string,
  tries: string,
  body: string | Buffer,
  expect: Outcome,
  why: string,
  headers = {},
): Attack => ({
  id: `json-${id}`,
  door: 'http',
  tries,
  must: `Refused with ${expect.code}.`,
  why,
  steps: [post(body, { headers })],
  expect,
});

const TWICE = 'Readers differ on which of two equal keys counts, so neither does.';
const twice = (id: string, tries: string, body: string): Attack =>
  refused(`twice-${id}`, tries, body, bytes('DUPLICATE_KEY'), TWICE);
const duplicates: readonly Attack[] = [
  twice('name', 'The tool is named twice', ECHO.replace('"name":"echo"', '"name":"count","name":"echo"')),
  twice('argument', 'An argument stands twice', inArguments(`{"text":"fine","text":"${MARK}"}`)),
  twice(
    'disguised',
    'An argument stands twice, once with an escape',
    inArguments(`{"text":"fine","te\\u0078t":"${MARK}"}`),
  ),
  twice('method', 'The method stands twice', ECHO.replace('"method":', '"method":"tools/list","method":')),
  twice('id', 'The id stands twice', ECHO.replace('"id":1', '"id":1,"id":2')),
  twice('params', 'The parameters stand twice', ECHO.replace('"params":', '"params":{},"params":')),
  twice('meta', '_meta stands twice', ECHO.replace('"_meta":', '"_meta":{},"_meta":')),
  twice('deep', 'A key deep within stands twice', inArguments(`{"text":[{"a":1,"a":2}]}`)),
  twice('empty', 'The empty key stands twice', inArguments('{"":1,"":2}')),
];

const encode = (body: Buffer, mark: readonly number[]): Buffer => {
  const at = body.indexOf(MARK);
  return Buffer.concat([body.subarray(0, at), Buffer.from(mark), body.subarray(at + MARK.length)]);
};
const BODY = Buffer.from(ECHO);
const UTF8 = 'Only well-formed UTF-8 is read, so no byte means two things.';
const utf8 = (id: string, tries: string, mark: readonly number[]): Attack =>
  refused(`utf8-${id}`, tries, encode(BODY, mark), bytes('BAD_UTF8'), UTF8);
const texts: readonly Attack[] = [
  utf8('overlong-slash', 'A slash in two bytes', [0xc0, 0xaf]),
  utf8('overlong-quote', 'A quote in two bytes, to end a string for some', [0xc0, 0xa2]),
  utf8('overlong-nul', 'A NUL in two bytes', [0xc0, 0x80]),
  utf8('overlong-three', 'A slash in three bytes', [0xe0, 0x80, 0xaf]),
  utf8('surrogate', 'Half of a pair, encoded by itself', [0xed, 0xa0, 0x80]),
  utf8('beyond', 'A character beyond the last one', [0xf5, 0x80, 0x80, 0x80]),
  utf8('cut', 'A character that is cut off', [0xe2, 0x82]),
  utf8('latin1', 'A letter in Latin-1', [0xe9]),
  refused(
    'utf8-bom',
    'A byte order mark before the message',
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), BODY]),
    bytes('BAD_JSON'),
    'RFC 8259 §8.1: none may be added, and readers differ on it.',
  ),
  refused(
    'utf16-le',
    'The message in UTF-16 with its mark',
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(ECHO, 'utf16le')]),
    bytes('BAD_UTF8'),
    UTF8,
  ),
  refused(
    'utf16-bare',
    'The message in UTF-16 without a mark',
    Buffer.from(ECHO, 'utf16le'),
    bytes('BAD_JSON'),
    UTF8,
  ),
  refused(
    'utf16-be',
    'The message in UTF-16, big end first',
    Buffer.from(ECHO, 'utf16le').swap16(),
    bytes('BAD_JSON'),
    UTF8,
  ),
  refused('utf7', 'The message in UTF-7', ECHO.replace('{', '+AHs-'), bytes('BAD_JSON'), UTF8),
  refused(
    'surrogate-high',
    'A high half of a pair in an escape',
    inArguments('{"text":"\\ud800"}'),
    bytes('LONE_SURROGATE'),
    'It cannot be written in UTF-8, so what is sent on could not be what was decided.',
  ),
  refused(
    'surrogate-low',
    'A low half of a pair in an escape',
    inArguments('{"text":"\\udc00 x"}'),
    bytes('LONE_SURROGATE'),
    'It cannot be written in UTF-8, so what is sent on could not be what was decided.',
  ),
  refused(
    'surrogate-key',
    'Half of a pair in a key',
    inArguments('{"\\ud800":1}'),
    bytes('LONE_SURROGATE'),
    'It cannot be written in UTF-8, so what is sent on could not be what was decided.',
  ),
];

const GRAMMAR = 'RFC 8259 and nothing more: what one reader repairs, another reads as something else.';
const grammar = (id: string, tries: string, body: string): Attack =>
  refused(`grammar-${id}`, tries, body, bytes('BAD_JSON'), GRAMMAR);
const grammars: readonly Attack[] = [
  grammar('comment', 'A comment that hides an argument', inArguments(`{/*"text":"fine",*/"text":"${MARK}"}`)),
  grammar('line-comment', 'A comment to the end of the line', `//\n${ECHO}`),
  grammar('trailing-comma', 'A comma too many', inArguments(`{"text":"${MARK}",}`)),
  grammar('single-quotes', 'Single quotes', inArguments(`{'text':'${MARK}'}`)),
  grammar('bare-key', 'A key without quotes', inArguments(`{text:"${MARK}"}`)),
  grammar('nan', 'NaN', inArguments('{"text":NaN}')),
  grammar('infinity', 'Infinity', inArguments('{"text":-Infinity}')),
  grammar('hex', 'A number in hexadecimal', inArguments('{"text":0x10}')),
  grammar('plus', 'A number with a plus', inArguments('{"text":+1}')),
  grammar('leading-zero', 'A number with a leading zero', inArguments('{"text":012}')),
  grammar('bare-point', 'A number that begins with its point', inArguments('{"text":.5}')),
  grammar('control', 'A line break within a string', inArguments(`{"text":"a\n${MARK}"}`)),
  grammar('escape', 'An escape that does not exist', inArguments(`{"text":"\\x41${MARK}"}`)),
  grammar('two', 'Two messages', `${ECHO}${ECHO}`),
  grammar('lines', 'Two messages, a line each', `${ECHO}\n${ECHO}`),
  grammar('nul', 'A NUL behind the message', `${ECHO}\0`),
  grammar('empty', 'Nothing at all', ''),
  grammar('cut', 'A message that is cut off', ECHO.slice(0, -1)),
];

const NUMBER =
  'What a rule compares and what is sent must be the same number, so one that cannot be held exactly is refused.';
const numbers: readonly Attack[] = [
  refused(
    'number-2-53',
    'An integer that rounds to its neighbour',
    inArguments('{"text":9007199254740993}'),
    bytes('NUMBER_OUT_OF_RANGE'),
    NUMBER,
  ),
  refused(
    'number-huge',
    'A number beyond all range',
    inArguments('{"text":1e999}'),
    bytes('NUMBER_OUT_OF_RANGE'),
    NUMBER,
  ),
  refused(
    'number-digits',
    'An integer of a thousand digits',
    inArguments(`{"text":${'9'.repeat(1000)}}`),
    bytes('NUMBER_OUT_OF_RANGE'),
    NUMBER,
  ),
  refused(
    'number-exponent',
    'A large integer in disguise',
    inArguments('{"text":9007199254740993e0}'),
    bytes('NUMBER_OUT_OF_RANGE'),
    NUMBER,
  ),
  {
    id: 'json-number-same',
    door: 'http',
    tries: 'An integer written with a fraction of zero',
    must: 'Passes, as the integer that it is.',
    why: '42.0 and 42 are one number, and the canonical one is sent.',
    control: true,
    steps: [
      post(current('tools/call', { name: 'count', arguments: { n: 42 } }).replace('42', '42.0'), {
        headers: { 'Mcp-Name': 'count' },
      }),
    ],
    expect: { code: 'ok' },
    reaches: [{ upstream: 'box', method: 'tools/call', name: 'count', arguments: { n: 42 } }],
  },
];

const RESERVED =
  'Keys that begin with two underscores are how rules write entities and how JavaScript names prototypes.';
const free = (text: string): string => callText('free').replace(ARGUMENTS, text);
const reserved = (id: string, tries: string, text: string): Attack =>
  refused(`key-${id}`, tries, free(text), { status: 200, code: 'RESERVED_KEY', lacks: [MARK] }, RESERVED, {
    'Mcp-Name': 'free',
  });
const keys: readonly Attack[] = [
  reserved('proto', 'A prototype among the arguments', `{"__proto__":{"text":"${MARK}"}}`),
  reserved(
    'proto-escaped',
    'A prototype with an escape in its name',
    `{"\\u005f_proto__":{"text":"${MARK}"}}`,
  ),
  reserved('proto-deep', 'A prototype deep within', `{"a":[{"b":{"__proto__":{}}}]}`),
  reserved('entity', 'An entity of the rules', '{"text":{"__entity":{"type":"Agent","id":"other"}}}'),
  reserved('extension', 'An extension value of the rules', '{"a":{"__extn":{"fn":"ip","arg":"127.0.0.1"}}}'),
  refused(
    'key-constructor',
    'A constructor where nothing else may stand',
    inArguments(`{"constructor":{"prototype":{}}}`),
    { status: 200, code: 'ARGUMENTS_INVALID' },
    'Own members alone are looked at, and undeclared ones are refused.',
  ),
  refused(
    'key-proto-top',
    'A prototype beside the method',
    ECHO.replace('"jsonrpc"', '"__proto__":{"method":"tools/list"},"jsonrpc"'),
    bytes('BAD_MESSAGE'),
    'Only members that JSON-RPC names may stand there.',
  ),
  refused(
    'key-proto-params',
    'A prototype among the parameters',
    ECHO.replace('"name"', '"__proto__":{"name":"count"},"name"'),
    { status: 200, code: 'BAD_PARAMS' },
    'Members of parameters that mean nothing are refused.',
  ),
];

const shape = (id: string, tries: string, body: string, expect: Outcome, why: string, headers = {}): Attack =>
  refused(`message-${id}`, tries, body, expect, why, headers);
const ONE = 'One message a request, as JSON-RPC 2.0 and MCP have it, or none.';
const edit = (from: string, to: string): string => ECHO.replace(from, to);
const shapes: readonly Attack[] = [
  shape('batch', 'A batch of one', `[${ECHO}]`, bytes('BATCH'), ONE),
  shape('batch-two', 'A batch behind blanks', ` \n[${ECHO},${ECHO}]`, bytes('BATCH'), ONE),
  shape('batch-empty', 'An empty batch', '[]', bytes('BATCH'), ONE),
  shape('string', 'A message within a string', JSON.stringify(ECHO), bytes('BAD_MESSAGE'), ONE),
  shape('version', 'Another version of JSON-RPC', edit('"2.0"', '"1.0"'), bytes('BAD_MESSAGE'), ONE),
  shape('id-null', 'An id that is null', edit('"id":1', '"id":null'), bytes('BAD_MESSAGE'), ONE),
  shape('id-fraction', 'An id that is a fraction', edit('"id":1', '"id":1.5'), bytes('BAD_MESSAGE'), ONE),
  shape('id-object', 'An id that is an object', edit('"id":1', '"id":{}'), bytes('BAD_MESSAGE'), ONE),
  shape(
    'id-long',
    'An id of a megabyte',
    edit('"id":1', `"id":"${'x'.repeat(1_000_000)}"`),
    bytes('BAD_MESSAGE'),
    ONE,
  ),
  shape(
    'extra',
    'A member that JSON-RPC does not know',
    edit('"id":1', '"id":1,"auth":"x"'),
    bytes('BAD_MESSAGE'),
    ONE,
  ),
  shape(
    'params-array',
    'Parameters by position',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["echo"]}',
    bytes('BAD_MESSAGE'),
    ONE,
  ),
  shape(
    'result',
    'An answer that nobody asked for',
    '{"jsonrpc":"2.0","id":1,"result":{}}',
    bytes('BAD_MESSAGE'),
    'Nothing was asked of this client.',
  ),
  shape(
    'method-array',
    'A list of methods',
    edit('"tools/call"', '["tools/call"]'),
    bytes('BAD_MESSAGE'),
    ONE,
  ),
  shape(
    'method-blank',
    'A method with a blank behind it',
    edit('"tools/call"', '"tools/call "'),
    bytes('HEADER_MISMATCH'),
    'Methods are compared letter by letter.',
  ),
  shape(
    'method-unknown',
    'A method that does not exist',
    edit('"tools/call"', '"tools/drop"'),
    bytes('UNKNOWN_METHOD', 404),
    'What is not on the list of methods does not go on.',
    { 'Mcp-Method': 'tools/drop', 'Mcp-Name': undefined },
  ),
  shape(
    'method-of-server',
    'A method that only servers send',
    edit('"tools/call"', '"sampling/createMessage"'),
    bytes('UNKNOWN_METHOD', 404),
    'What is not on the list of methods does not go on.',
    { 'Mcp-Method': 'sampling/createMessage', 'Mcp-Name': undefined },
  ),
  shape(
    'method-prototype',
    'A method that every object has',
    edit('"tools/call"', '"constructor"'),
    bytes('UNKNOWN_METHOD', 404),
    'Own members alone are looked at.',
    { 'Mcp-Method': 'constructor', 'Mcp-Name': undefined },
  ),
  {
    ...shape(
      'notification',
      'A call without an id, to which there is no answer',
      edit('"id":1,', ''),
      { status: 202, code: 'none' },
      'A call that nobody can be told the end of is not made.',
    ),
    must: 'Accepted as every notification is, and dropped.',
  },
];

const BOUND = 'Every message is bounded before anything looks at what it says.';
const bounds: readonly Attack[] = [
  refused('depth-arrays', 'Arrays without end', inArguments('['.repeat(200_000)), bytes('TOO_DEEP'), BOUND),
  refused(
    'depth-objects',
    'Objects without end',
    inArguments('{"a":'.repeat(100_000)),
    bytes('TOO_DEEP'),
    BOUND,
  ),
  refused(
    'values',
    'More values than a message may hold',
    inArguments(`{"text":[${'1,'.repeat(250_000)}1]}`),
    bytes('TOO_MANY_VALUES'),
    BOUND,
  ),
  refused(
    'string',
    'A string of three million characters',
    inArguments(`{"text":"${'x'.repeat(3_000_000)}"}`),
    bytes('STRING_TOO_LONG'),
    BOUND,
  ),
  refused(
    'body',
    'A body of five megabytes',
    inArguments(`{"text":"${'x'.repeat(5_000_000)}"}`),
    bytes('BODY_TOO_LARGE', 413),
    BOUND,
  ),
];

export const JSON_TRICKS: AttackClass = {
  title: 'What JSON can be made to say',
  rows: [...duplicates, ...texts, ...grammars, ...numbers, ...keys, ...shapes, ...bounds],
};
