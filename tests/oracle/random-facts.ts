import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/base/json.ts';

/**
 * Random entities, contexts and requests in the official engine's JSON form. Attribute names and types are drawn from
 * one small pool, so that rules (random-rules.ts) mostly find what they name, and sometimes do not.
 */
export interface Facts {
  readonly entities: readonly EntityFact[];
  readonly contexts: readonly JsonObject[];
  readonly requests: readonly RequestFact[];
}

export interface EntityFact {
  readonly uid: Uid;
  readonly attrs: JsonObject;
  readonly tags: JsonObject;
  readonly parents: readonly Uid[];
}

export interface RequestFact {
  readonly principal: Uid;
  readonly action: Uid;
  readonly resource: Uid;
  /** Index into `contexts`. */
  readonly context: number;
}

export type Uid = { readonly type: string; readonly id: string };

export const PRINCIPALS: readonly Uid[] = ['ada', 'bob', 'ghost'].map((id) => ({ type: 'User', id }));
export const GROUPS: readonly Uid[] = ['g1', 'g2', 'g3'].map((id) => ({ type: 'Group', id }));
export const RESOURCES: readonly Uid[] = [
  { type: 'File', id: 'a' },
  { type: 'File', id: 'b "quoted"' },
  { type: 'Box', id: 'a' },
];
export const FOLDERS: readonly Uid[] = ['f1', 'f2', 'é\n'].map((id) => ({ type: 'Folder', id }));
export const ACTIONS: readonly Uid[] = ['read', 'write', 'drop'].map((id) => ({ type: 'Action', id }));
export const ACTION_GROUPS: readonly Uid[] = ['safe', 'any'].map((id) => ({ type: 'Action', id }));

export const STRINGS = ['', 'a', 'abc', 'a*b', 'ünï😀', '1.5', '10.0.0.1', '2024-02-29', '1h', 'ab\nab'];
export const LONGS = [
  0, 1, -1, 2, 3, 7, 100, 9_007_199_254_740_991, -9_007_199_254_740_991, 1_099_511_627_776,
];
export const DECIMALS = [
  '0.0',
  '1.5',
  '-1.5',
  '1.50',
  '3.1416',
  '922337203685477.5807',
  '-922337203685477.5808',
];
export const IPS = [
  '10.0.0.1',
  '10.0.0.0/8',
  '127.0.0.1',
  '::1',
  'ff02::1',
  '2001:db8::/32',
  '224.0.0.0/4',
  '0.0.0.0/0',
];
export const DATETIMES = [
  '1970-01-01',
  '2024-02-29T12:30:00Z',
  '1969-12-31T23:59:59.999Z',
  '2024-02-29T12:30:00.123+0530',
  '0000-01-01',
  '9999-12-31',
];
export const DURATIONS = ['0ms', '1h', '-1d2h3m4s5ms', '1d', '90m', '106751991167d', '-1ms'];

const extension = (fn: string, texts: readonly string[]) =>
  fc.constantFrom(...texts).map((arg): Json => ({ __extn: { fn, arg } }));
const uid = fc
  .constantFrom(...PRINCIPALS, ...GROUPS, ...RESOURCES, ...FOLDERS)
  .map((entity): Json => ({ __entity: { type: entity.type, id: entity.id } }));
const long: fc.Arbitrary<Json> = fc.constantFrom(...LONGS);
const string: fc.Arbitrary<Json> = fc.constantFrom(...STRINGS);
const bool: fc.Arbitrary<Json> = fc.boolean();
const decimal = extension('decimal', DECIMALS);
const setOf = (item: fc.Arbitrary<Json>): fc.Arbitrary<Json> => fc.array(item, { maxLength: 4 });
const record: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ n: long, s: string }, { requiredKeys: ['n'] }),
  fc.record({ s: string, n: long }),
);

/** Attribute name → what it usually is. */
const ATTRIBUTES: readonly (readonly [string, fc.Arbitrary<Json>])[] = [
  ['n', long],
  ['m', long],
  ['s', string],
  ['odd name', string],
  ['b', bool],
  ['e', uid],
  ['d', decimal],
  ['i', extension('ip', IPS)],
  ['t', extension('datetime', DATETIMES)],
  ['p', extension('duration', DURATIONS)],
  ['ns', setOf(long)],
  ['ss', setOf(string)],
  ['es', setOf(uid)],
  ['ds', setOf(decimal)],
  ['rs', setOf(record)],
  ['r', record],
  ['o', fc.constantFrom<Json>({ n: 1, s: 'a' }, { s: 'a', n: 1 }, { s: 'a', n: 2 })],
  ['rr', fc.record({ r: record, ns: setOf(long), d: decimal }) as fc.Arbitrary<Json>],
];
const anything = fc.oneof(...ATTRIBUTES.map(([, arbitrary]) => arbitrary));

/** Mostly there, mostly of its usual type. */
function attributes(share: number): fc.Arbitrary<JsonObject> {
  const entries = ATTRIBUTES.map(([name, usual]) =>
    fc
      .oneof(
        { arbitrary: usual, weight: share * 100 },
        { arbitrary: anything, weight: 3 },
        { arbitrary: fc.constant(undefined), weight: 103 - share * 100 },
      )
      .map((value) => [name, value] as const),
  );
  return fc
    .tuple(...entries)
    .map((all) =>
      Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    );
}

const tags: fc.Arbitrary<JsonObject> = fc.dictionary(
  fc.constantFrom('a', 'abc', ''),
  fc.oneof(string, long),
  {
    maxKeys: 2,
  },
);

/** Parents come later in the list, so there are no circles. */
function entity(
  uidOf: Uid,
  later: readonly Uid[],
  attrs: fc.Arbitrary<JsonObject>,
): fc.Arbitrary<EntityFact> {
  return fc.record({
    uid: fc.constant(uidOf),
    attrs,
    tags: later.length === 0 ? NOTHING : tags,
    parents: fc.subarray([...later], { maxLength: Math.min(2, later.length) }),
  });
}

const NOTHING = fc.constant<JsonObject>({});

/** `share` of the attributes are there; without any, the official engine is several times as fast. */
function entities(share: number): fc.Arbitrary<EntityFact[]> {
  const own = share === 0 ? NOTHING : attributes(share);
  const few = share === 0 ? NOTHING : attributes(share / 5);
  return fc.tuple(
    ...PRINCIPALS.slice(0, 2).map((each) => entity(each, GROUPS, own)),
    ...GROUPS.map((each, i) => entity(each, GROUPS.slice(i + 1), few)),
    ...RESOURCES.map((each) => entity(each, FOLDERS, own)),
    ...FOLDERS.slice(0, 2).map((each, i) => entity(each, FOLDERS.slice(i + 1), few)),
    ...ACTIONS.map((each) => entity(each, ACTION_GROUPS, NOTHING).map((fact) => ({ ...fact, tags: {} }))),
    ...ACTION_GROUPS.map((each, i) =>
      entity(each, ACTION_GROUPS.slice(i + 1), NOTHING).map((fact) => ({ ...fact, tags: {} })),
    ),
  );
}

/**
 * What is there when a request is decided: its principal, resource and action, and everything they may lie in. Leaving
 * the others out makes a call of the official engine three times as fast, and references to them dangle, as they may.
 */
export function present(all: readonly EntityFact[], request: RequestFact): readonly EntityFact[] {
  const own = [request.principal, request.resource, request.action];
  const isOwn = ({ type, id }: Uid) => own.some((each) => each.type === type && each.id === id);
  const isContainer = ({ type, id }: Uid) =>
    type === 'Group' ||
    type === 'Folder' ||
    ACTION_GROUPS.some((group) => type === 'Action' && group.id === id);
  return all.filter(({ uid: each }) => isOwn(each) || isContainer(each));
}

export function facts(requests: number): fc.Arbitrary<Facts> {
  const contexts = Math.max(1, Math.ceil(requests / 8));
  return fc.record({
    entities: fc.oneof({ arbitrary: entities(0), weight: 2 }, { arbitrary: entities(0.5), weight: 1 }),
    contexts: fc.array(attributes(0.7), { minLength: contexts, maxLength: contexts }),
    requests: fc.array(
      fc.record({
        principal: fc.constantFrom(...PRINCIPALS),
        action: fc.constantFrom(...ACTIONS),
        resource: fc.constantFrom(...RESOURCES),
        context: fc.nat(contexts - 1),
      }),
      { minLength: requests, maxLength: requests },
    ),
  });
}
