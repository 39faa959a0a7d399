import fc from 'fast-check';
import { smallCondition } from './random-conditions.ts';
import {
  ACTION_GROUPS,
  ACTIONS,
  DATETIMES,
  DECIMALS,
  DURATIONS,
  FOLDERS,
  GROUPS,
  IPS,
  LONGS,
  PRINCIPALS,
  RESOURCES,
  STRINGS,
  type Uid,
} from './random-facts.ts';

/** Random Cedar rules as text, over every operator of the language: well typed mostly, in error often. */

type Text = fc.Arbitrary<string>;

const quote = (text: string) =>
  `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('😀', '\\u{1F600}')}"`;
const literal = (uid: Uid) => `${uid.type}::${quote(uid.id)}`;
const pick = (texts: readonly string[]): Text => fc.constantFrom(...texts);
const form = (parts: readonly Text[], write: (...parts: string[]) => string): Text =>
  fc.tuple(...parts).map((texts) => write(...texts));

const STRING_LITERALS = [...STRINGS, 'r', 'x'].map(quote);
const BAD_DECIMALS = [
  'abc',
  '1',
  '1.',
  '.5',
  '1.23456',
  '+1.0',
  '922337203685477.5808',
  ' 1.0',
  '1.0e1',
  '-0.0',
  '007.10',
  '١.٥',
];
const BAD_IPS = [
  '300.0.0.1',
  '1.2.3',
  '01.2.3.4',
  '1.2.3.4/33',
  '1.2.3.4/08',
  '::ffff:1.2.3.4',
  ':::',
  '1:2:3:4:5:6:7:8:9',
  '::1/129',
  '',
  '1::2::3',
  'ABCD::',
  '1:2:3:4:5:6:7::',
  '::/0',
  '1.2.3.4/',
  'fe80::1%eth0',
  '00001::',
];
const BAD_DATETIMES = [
  '2023-02-29',
  '2024-13-01',
  '2024-01-01T24:00:00Z',
  '2024-01-01T10:00:60Z',
  '2024-01-01T10:00:00',
  '2024-01-01T10:00:00.1Z',
  '2024-01-01T10:00:00+2400',
  '2024-01-01T10:00:00+0560',
  '2024-01-01T10:00:00-2359',
  '24-01-01',
  '2024-01-01Z',
  '1900-02-29',
  '2000-02-29',
  '0000-02-29',
];
const BAD_DURATIONS = [
  '',
  '-',
  '1',
  '1x',
  '1h1d',
  '1.5h',
  '+1h',
  '-0ms',
  '106751991168d',
  '9223372036854775807ms',
  '-9223372036854775808ms',
  '9223372036854775808ms',
  '1d24h60m60s1000ms',
  '0d',
  '٣h',
  '1h 1m',
  '99999999999999999999ms',
];
const PATTERNS = [
  '"*"',
  '"a*"',
  '"*b*"',
  '"a\\*b"',
  '""',
  '"*b"',
  '"a*c"',
  '"ün*"',
  '"*\\u{1F600}"',
  '"**"',
  '"ab*ab"',
  '"*a*b*"',
  '"a*b*a*b"',
];
const PLACES = ['principal', 'resource', 'context', 'principal', 'context', 'action'];
const NAMES = ['n', 's', 'b', 'e', 'r', 'rr', 'ns', '"odd name"', '"no such"', 'q'];

interface Grammar extends Record<string, string> {
  bool: string;
}

const grammar = fc.letrec<Grammar>((tie) => {
  const at = (name: string): Text => pick(PLACES).map((place) => `${place}.${name}`);
  const one = (...choices: Text[]): Text =>
    fc.oneof({ maxDepth: 4, depthIdentifier: 'rule', withCrossShrink: true }, ...choices);
  const t = (kind: string): Text => tie(kind);
  const call = (of: Text, name: string, ...operands: Text[]): Text =>
    form([of, ...operands], (first, ...rest) => `(${first}).${name}(${rest.join(', ')})`);
  const infix = (left: Text, operator: Text | string, right: Text): Text =>
    form(
      [left, typeof operator === 'string' ? fc.constant(operator) : operator, right],
      (l, o, r) => `((${l}) ${o} (${r}))`,
    );
  const choose = (of: Text): Text => form([t('bool'), of, of], (c, a, b) => `(if ${c} then ${a} else ${b})`);
  const extensionCall = (name: string, good: readonly string[], bad: readonly string[], of: Text): Text =>
    fc.oneof(
      { arbitrary: pick([...good]).map((text) => `${name}(${quote(text)})`), weight: 8 },
      { arbitrary: pick([...bad]).map((text) => `${name}(${quote(text)})`), weight: 2 },
      { arbitrary: of.map((text) => `${name}(${text})`), weight: 1 },
    );
  const order = pick(['<', '<=', '>', '>=']);
  const same = pick(['==', '!=']);
  const items = (of: Text): Text => fc.array(of, { maxLength: 4 }).map((all) => `[${all.join(', ')}]`);
  /** Now and then something of another type. */
  const stray = (of: Text): Text =>
    fc.oneof({ arbitrary: of, weight: 30 }, { arbitrary: t('any'), weight: 1 });
  return {
    any: fc.oneof(
      t('leaf'),
      t('bool'),
      t('long'),
      t('string'),
      t('entity'),
      t('longs'),
      t('record'),
      t('decimal'),
    ),
    leaf: fc.oneof(fc.constant('true'), fc.constant('1'), fc.constant('"a"'), pick(PLACES)),
    bool: one(
      pick(['true', 'false']),
      at('b'),
      infix(t('long'), order, stray(t('long'))),
      infix(t('any'), same, t('any')),
      infix(t('long'), same, t('long')),
      infix(t('string'), same, t('string')),
      infix(t('set'), same, t('set')),
      infix(t('record'), same, t('record')),
      infix(at('r'), same, at('r')),
      infix(at('ns'), same, at('ns')),
      infix(at('ss'), same, at('ss')),
      infix(at('r'), same, t('record')),
      infix(t('decimal'), same, t('decimal')),
      infix(t('ip'), same, t('ip')),
      infix(t('datetime'), order, t('datetime')),
      infix(t('duration'), order, t('duration')),
      infix(t('bool'), pick(['&&', '||', '&&', '||', '==']), stray(t('bool'))),
      stray(t('bool')).map((text) => `(!${text})`),
      choose(t('bool')),
      infix(t('entity'), 'in', fc.oneof(t('entity'), t('entities'))),
      form(
        [stray(t('entity')), pick(['User', 'Group', 'File', 'Folder', 'Action', 'Nothing'])],
        (e, type) => `((${e}) is ${type})`,
      ),
      form(
        [t('entity'), pick(['User', 'File']), t('entity')],
        (e, type, w) => `((${e}) is ${type} in (${w}))`,
      ),
      form(
        [pick(PLACES), pick([...NAMES, 'r.n', 'rr.r.s', 'e.n', 'e.e.e', 's.n'])],
        (place, name) => `(${place} has ${name})`,
      ),
      form([t('record'), pick(NAMES)], (r, name) => `((${r}) has ${name})`),
      form([stray(t('string')), pick(PATTERNS)], (s, pattern) => `((${s}) like ${pattern})`),
      call(stray(t('set')), 'contains', t('any')),
      call(t('longs'), 'contains', t('long')),
      call(t('strings'), 'contains', t('string')),
      call(at('ds'), 'contains', t('decimal')),
      call(at('rs'), 'contains', t('record')),
      call(t('set'), 'containsAll', stray(t('set'))),
      call(t('set'), 'containsAny', t('set')),
      call(t('longs'), 'containsAll', t('longs')),
      call(t('longs'), 'containsAny', t('longs')),
      call(stray(t('set')), 'isEmpty'),
      call(stray(t('entity')), 'hasTag', t('string')),
      fc
        .tuple(
          t('decimal'),
          pick(['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual']),
          stray(t('decimal')),
        )
        .map(([a, name, b]) => `(${a}).${name}(${b})`),
      fc
        .tuple(stray(t('ip')), pick(['isIpv4', 'isIpv6', 'isLoopback', 'isMulticast']))
        .map(([a, name]) => `(${a}).${name}()`),
      call(t('ip'), 'isInRange', t('ip')),
    ),
    long: one(
      pick(LONGS.map(String)),
      fc.oneof(at('n'), at('m')),
      at('r.n'),
      infix(t('long'), pick(['+', '-', '*']), stray(t('long'))),
      t('long').map((text) => `(-(${text}))`),
      choose(t('long')),
      fc
        .tuple(stray(t('duration')), pick(['toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays']))
        .map(([a, name]) => `(${a}).${name}()`),
    ),
    string: one(
      pick(STRING_LITERALS),
      at('s'),
      pick(PLACES).map((place) => `${place}["odd name"]`),
      form([t('entity'), t('string')], (e, name) => `(${e}).getTag(${name})`),
      choose(t('string')),
      t('record').map((r) => `(${r}).s`),
    ),
    entity: one(
      pick(['principal', 'resource', 'action']),
      pick([...PRINCIPALS, ...GROUPS, ...RESOURCES, ...FOLDERS, ...ACTIONS, ...ACTION_GROUPS].map(literal)),
      at('e'),
      t('entity').map((text) => `(${text}).e`),
      choose(t('entity')),
    ),
    entities: one(items(t('entity')), at('es'), items(stray(t('entity')))),
    longs: one(items(stray(t('long'))), at('ns')),
    strings: one(items(t('string')), at('ss')),
    set: one(
      t('longs'),
      t('strings'),
      t('entities'),
      items(t('decimal')),
      at('ds'),
      at('rs'),
      items(t('record')),
      items(t('longs')),
    ),
    record: one(
      form([stray(t('long')), t('string')], (n, s) => `{n: ${n}, s: ${s}}`),
      t('long').map((n) => `{"n": ${n}}`),
      fc.constant('context'),
      at('r'),
      at('rr.r'),
      form([t('record'), t('any')], (r, x) => `{rr: ${r}, "odd name": ${x}}`),
      fc.constant('{}'),
    ),
    decimal: one(
      extensionCall('decimal', DECIMALS, BAD_DECIMALS, stray(t('string'))),
      at('d'),
      choose(t('decimal')),
    ),
    ip: one(extensionCall('ip', IPS, BAD_IPS, t('string')), at('i')),
    datetime: one(
      extensionCall('datetime', DATETIMES, BAD_DATETIMES, t('string')),
      at('t'),
      call(stray(t('datetime')), 'offset', t('duration')),
      call(t('datetime'), 'toDate'),
    ),
    duration: one(
      extensionCall('duration', DURATIONS, BAD_DURATIONS, t('string')),
      at('p'),
      call(t('datetime'), 'durationSince', stray(t('datetime'))),
      call(t('datetime'), 'toTime'),
    ),
  };
});

const scopeOf = (variable: string, types: readonly string[], uids: readonly Uid[]): Text =>
  fc.oneof(
    { arbitrary: fc.constant(variable), weight: 8 },
    { arbitrary: pick(uids.map(literal)).map((uid) => `${variable} == ${uid}`), weight: 1 },
    { arbitrary: pick(uids.map(literal)).map((uid) => `${variable} in ${uid}`), weight: 3 },
    { arbitrary: pick(types).map((type) => `${variable} is ${type}`), weight: 2 },
    {
      arbitrary: fc
        .tuple(pick(types), pick(uids.map(literal)))
        .map(([type, uid]) => `${variable} is ${type} in ${uid}`),
      weight: 1,
    },
  );

const actionNames = [...ACTIONS, ...ACTION_GROUPS].map(literal);
const action: Text = fc.oneof(
  { arbitrary: fc.constant('action'), weight: 4 },
  { arbitrary: pick(actionNames).map((uid) => `action == ${uid}`), weight: 1 },
  { arbitrary: pick(actionNames).map((uid) => `action in ${uid}`), weight: 2 },
  {
    arbitrary: fc.array(pick(actionNames), { maxLength: 3 }).map((uids) => `action in [${uids.join(', ')}]`),
    weight: 1,
  },
);

const condition: Text = fc.oneof(smallCondition, grammar.bool);
const clause: Text = fc.oneof(
  { arbitrary: condition.map((text) => `when { ${text} }`), weight: 4 },
  { arbitrary: condition.map((text) => `unless { ${text} }`), weight: 2 },
);

export const randomRule: Text = fc
  .tuple(
    fc.constantFrom(...Array<string>(8).fill('permit'), 'forbid'),
    scopeOf('principal', ['User', 'Group'], [...PRINCIPALS, ...GROUPS]),
    action,
    scopeOf('resource', ['File', 'Box', 'Folder'], [...RESOURCES, ...FOLDERS]),
    fc.array(clause, { maxLength: 2 }),
  )
  .map(
    ([effect, principal, act, resource, clauses]) =>
      `${effect} (${principal}, ${act}, ${resource})\n${clauses.join('\n')};`,
  );
