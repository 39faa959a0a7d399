import fc from 'fast-check';
import { ACTION_GROUPS, ACTIONS, FOLDERS, GROUPS, PRINCIPALS, RESOURCES, type Uid } from './random-facts.ts';

/**
 * Small conditions about one operator each, with operands at the edges of what it takes. random-rules.ts nests
 * everything in everything; that alone rarely meets a month with 29 days or two patterns that nearly match.
 */
type Text = fc.Arbitrary<string>;

const one = (...texts: string[]): Text => fc.constantFrom(...texts);
const write = (parts: readonly Text[], form: (...parts: string[]) => string): Text =>
  fc.tuple(...parts).map((texts) => form(...texts));
const texts = (...letters: string[]): Text =>
  fc.array(fc.constantFrom(...letters), { maxLength: 7, size: 'max' }).map((all) => all.join(''));
const maybe = (text: Text): Text => fc.oneof(fc.constant(''), text);

const like = write([texts('a', 'b', '*'), texts('a', 'b', '*', '*', '\\*')], (s, p) => `"${s}" like "${p}"`);

const digits = (most: number): Text =>
  fc.array(fc.nat(9), { maxLength: most, size: 'max' }).map((all) => all.join(''));
const decimal: Text = fc
  .oneof(
    write([maybe(one('-', '+')), digits(3), one('.', '.', '.', ''), digits(5)], (...all) => all.join('')),
    one('922337203685477.5807', '922337203685477.5808', '-922337203685477.5808', '-922337203685477.5809'),
    one('-0.0', '00.10', '1.0000', '1.00000', '9999999999999999999.0'),
  )
  .map((text) => `decimal("${text}")`);
const decimals = fc.oneof(
  write([decimal, one('==', '!='), decimal], (a, op, b) => `${a} ${op} ${b}`),
  write(
    [decimal, one('lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'), decimal],
    (a, op, b) => `${a}.${op}(${b})`,
  ),
  decimal.map((a) => `${a} == ${a}`),
);

const byte = one('0', '1', '10', '255');
const first = one('0', '10', '126', '127', '128', '223', '224', '231', '232', '239', '240', '255');
const v4 = fc.oneof(
  { arbitrary: write([first, byte, byte, byte], (...all) => all.join('.')), weight: 6 },
  {
    arbitrary: one('256.0.0.1', '01.2.3.4', '1.2.3', '1.2.3.4.5', '1..2.3', '1.2.3.4 ', '0x1.2.3.4'),
    weight: 1,
  },
);
const v4Prefix = one('', '', '', '/0', '/1', '/3', '/4', '/7', '/8', '/24', '/31', '/32', '/33', '/08', '/');
const group = one('0', '1', 'ff', 'ff00', 'ff02', 'FE80', 'abcd', '00001', 'g', '');
const v6 = fc.oneof(
  fc.array(group, { minLength: 6, maxLength: 9, size: 'max' }).map((all) => all.join(':')),
  write(
    [texts('1:', 'ff02:', 'abcd:'), texts(':1', ':0', ':ff')],
    (a, b) => `${a}${b === '' ? ':' : ''}${b}`,
  ),
  one(
    '::',
    '::1',
    '::2',
    'ff02::1',
    'ff00::',
    'fe80::1',
    '1::',
    '::ffff:1.2.3.4',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
  ),
);
const v6Prefix = one('', '', '/0', '/7', '/8', '/64', '/127', '/128', '/129');
const ip: Text = fc
  .oneof(
    write([v4, v4Prefix], (a, p) => a + p),
    write([v6, v6Prefix], (a, p) => a + p),
  )
  .map((text) => `ip("${text}")`);
const ips = fc.oneof(
  write([ip, one('isIpv4', 'isIpv6', 'isLoopback', 'isMulticast')], (a, name) => `${a}.${name}()`),
  write([ip, ip], (a, b) => `${a}.isInRange(${b})`),
  write([v4, v4Prefix, v4Prefix], (a, p, q) => `ip("${a}${p}").isInRange(ip("${a}${q}"))`),
  write([v6, v6Prefix, v6Prefix], (a, p, q) => `ip("${a}${p}").isInRange(ip("${a}${q}"))`),
  write([ip, ip], (a, b) => `${a} == ${b}`),
);

const special = one(
  '::1',
  '::1',
  '::2',
  '127.0.0.1',
  '127.255.1.1',
  '128.0.0.1',
  'ff02::1',
  'fe00::1',
  '239.1.1.1',
  '240.0.0.1',
);
const specials = write(
  [
    special,
    one('', '/0', '/3', '/4', '/7', '/8', '/32', '/64', '/127', '/128'),
    one('isLoopback', 'isMulticast'),
  ],
  (a, p, name) => `ip("${a}${p}").${name}()`,
);

const date = write(
  [
    one('0000', '0004', '1900', '1969', '1970', '2000', '2023', '2024', '9999', '24'),
    one('00', '01', '02', '04', '12', '13'),
    one('00', '01', '28', '29', '30', '31', '32'),
  ],
  (y, m, d) => `${y}-${m}-${d}`,
);
const clock = write(
  [
    one('00', '12', '23', '24'),
    one('00', '59', '60'),
    one('00', '59', '60'),
    one('', '.000', '.999', '.1', '.1234'),
    one('Z', 'Z', '', '+0000', '-0130', '+2359', '+2360', '+2400', '-2359', '+01:00', 'z'),
  ],
  (h, m, s, ms, zone) => `T${h}:${m}:${s}${ms}${zone}`,
);
const datetime: Text = fc
  .oneof(
    date,
    write([one('2024-02-29', '1969-12-31', '1970-01-01', '0000-01-01'), clock], (a, b) => a + b),
    write([date, clock], (a, b) => a + b),
  )
  .map((text) => `datetime("${text}")`);
const goodDatetime = one(
  '1969-12-31T23:59:59.999Z',
  '1969-12-31',
  '1960-05-05T12:00:00Z',
  '2024-02-29T12:30:00Z',
  '1970-01-01',
  '0000-01-01',
).map((text) => `datetime("${text}")`);

const amount = one(
  '0',
  '1',
  '24',
  '61',
  '100000',
  '106751991167',
  '9223372036854775807',
  '9223372036854775808',
);
const part = (unit: string): Text =>
  fc.oneof(
    one('', ''),
    amount.map((n) => n + unit),
  );
const duration: Text = fc
  .oneof(
    write([maybe(one('-')), ...['d', 'h', 'm', 's', 'ms'].map(part)], (...all) => all.join('')),
    one(
      '1h1d',
      '1x',
      '1',
      '-',
      '+1h',
      '1.5h',
      '106751991167d7h12m55s807ms',
      '-106751991167d7h12m55s808ms',
      '106751991167d7h12m55s808ms',
    ),
  )
  .map((text) => `duration("${text}")`);
const goodDuration = one(
  '1h',
  '-1h',
  '1d',
  '-1d',
  '90m',
  '-1ms',
  '106751991167d',
  '-106751991167d',
  '0ms',
  '-1d1ms',
).map((text) => `duration("${text}")`);
const times = fc.oneof(
  datetime.map((a) => `${a} == ${a}`),
  write([datetime, one('<', '<=', '>', '>='), goodDatetime], (a, op, b) => `${a} ${op} ${b}`),
  write([goodDatetime, goodDatetime], (a, b) => `${a}.toDate() == ${b}`),
  write([goodDatetime, goodDuration, goodDuration], (a, b, c) => `${a}.offset(${b}).toTime() <= ${c}`),
  write([goodDatetime, goodDuration, goodDatetime], (a, b, c) => `${a}.offset(${b}).toDate() < ${c}`),
  write([goodDatetime, goodDatetime, goodDuration], (a, b, c) => `${a}.durationSince(${b}) > ${c}`),
  duration.map((a) => `${a} == ${a}`),
  write([duration, one('<', '<=', '>', '>='), goodDuration], (a, op, b) => `${a} ${op} ${b}`),
  write(
    [
      goodDuration,
      one('toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays'),
      one('0', '1', '-1', '90'),
    ],
    (a, name, n) => `${a}.${name}() == ${n}`,
  ),
);

const member = one(
  '0',
  '1',
  '2',
  '"a"',
  'decimal("1.0")',
  'decimal("1.00")',
  '[1]',
  '[1, 1]',
  '[]',
  '{a: 1}',
  '{a: 1, b: 2}',
  'ip("::1")',
  'true',
);
const set = fc.array(member, { maxLength: 4, size: 'max' }).map((all) => `[${all.join(', ')}]`);
const nested = one(
  ...['[1, 2]', '[2, 1]', '[1, 2, 1]', '[[2, 1]]', '[[1, 2]]', '[decimal("1.0"), 2]', '[2, decimal("1.00")]'],
  ...['{a: 1, b: [1, 2]}', '{b: [2, 1], a: 1}', 'context.o', 'principal.o', 'resource.o', '{n: 1, s: "a"}'],
);
const sets = fc.oneof(
  write([nested, one('==', '!='), nested], (a, op, b) => `${a} ${op} ${b}`),
  write([nested, nested], (a, b) => `[${a}].contains(${b})`),
  write([one('context.o', 'principal.o'), one('context.o', '{n: 1, s: "a"}')], (a, b) => `${a} == ${b}`),
  write([set, one('containsAll', 'containsAny'), set], (a, name, b) => `${a}.${name}(${b})`),
  write([set, member], (a, b) => `${a}.contains(${b})`),
  write([set, one('==', '!='), set], (a, op, b) => `${a} ${op} ${b}`),
  write([set, one('containsAll', 'containsAny'), member], (a, name, b) => `${a}.${name}(${b})`),
  set.map((a) => `${a}.isEmpty()`),
);

const literal = ({ type, id }: Uid) => `${type}::"${id.replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
const uid = fc.oneof(
  one('principal', 'resource', 'action'),
  one(...[...PRINCIPALS, ...GROUPS, ...RESOURCES, ...FOLDERS, ...ACTIONS, ...ACTION_GROUPS].map(literal)),
);
const uidOrStray = fc.oneof({ arbitrary: uid, weight: 12 }, { arbitrary: one('1', '"a"'), weight: 1 });
const hierarchy = fc.oneof(
  write([uid, uidOrStray], (a, b) => `${a} in ${b}`),
  write(
    [uidOrStray, fc.array(uidOrStray, { maxLength: 3 }).map((all) => all.join(', '))],
    (a, b) => `${a} in [${b}]`,
  ),
  write([uidOrStray, one('User', 'Group', 'File', 'Action')], (a, type) => `${a} is ${type}`),
  write([uid, one('User', 'Group', 'File'), uidOrStray], (a, type, b) => `${a} is ${type} in ${b}`),
  write([uidOrStray, one('==', '!='), uid], (a, op, b) => `${a} ${op} ${b}`),
  write([uidOrStray, one('n', 'e', 'r.n')], (a, name) => `${a} has ${name}`),
  write([uidOrStray, one('"a"', '"abc"', '""', '1')], (a, tag) => `${a}.hasTag(${tag})`),
  write([uid, one('"a"', '"abc"', '""')], (a, tag) => `${a}.hasTag(${tag}) && ${a}.getTag(${tag}) == "a"`),
);

const edge = one(
  '0',
  '1',
  '-1',
  '2',
  '3037000500',
  '4294967296',
  '2147483648',
  '-2147483648',
  '9007199254740991',
  '-9007199254740992',
  '9007199254740992',
  '1024',
  '1023',
);
const sum = write([edge, one('+', '-', '*'), edge], (a, op, b) => `(${a} ${op} ${b})`);
const sums = fc.oneof(
  write(
    [sum, one('+', '-', '*'), edge, one('<', '<=', '>', '>=', '==', '!='), sum],
    (a, op, b, is, c) => `${a} ${op} ${b} ${is} ${c}`,
  ),
  write([sum, one('*'), sum, one('==', '<'), sum], (a, op, b, is, c) => `${a} ${op} ${b} ${is} ${c}`),
  write([sum, sum], (a, b) => `-(${a} * ${b}) < 0`),
  write([edge], (a) => `-(-9007199254740992 * 1024) - 1 > ${a}`),
  write([edge], (a) => `-9007199254740992 * 1024 < ${a}`),
);

const anything = one('true', 'false', '1', '"a"', 'context.missing', '[]', 'principal');
const logic = fc.oneof(
  write(
    [anything, one('&&', '||'), anything, one('&&', '||'), anything],
    (a, x, b, y, c) => `(${a} ${x} ${b}) ${y} ${c}`,
  ),
  write([anything, one('&&', '||'), anything], (a, op, b) => `${a} ${op} ${b}`),
  write([anything, anything, anything], (a, b, c) => `if ${a} then ${b} else ${c}`),
  anything.map((a) => `!${a}`),
  anything,
);

export const smallCondition: Text = fc.oneof(
  like,
  decimals,
  ips,
  specials,
  times,
  times,
  sets,
  sets,
  hierarchy,
  hierarchy,
  sums,
  logic,
);
