import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { load, operation, path, plain, request, WORLD } from './sample-world.ts';

const OPEN = '@id("open") @need("tests") permit (principal, action, resource);\n';

describe('the answer', () => {
  test('is no without a permit, and names nobody', () => {
    expect(load('').decide(request())).toMatchObject({
      decision: 'deny',
      code: 'NO_PERMIT',
      rules: [],
      reviews: [],
    });
  });

  test('is yes with one, and says which', () => {
    expect(load(OPEN).decide(request())).toEqual({
      decision: 'allow',
      rules: ['open'],
      reason: 'Permitted by open.',
      reviews: [],
      trips: [],
    });
  });

  test('a forbid wins, gives its reason and trips, also where nothing permits', () => {
    const rules =
      '@id("no") @reason("Never here.") @trip("frozen") forbid (principal, action, resource);\n@id("nor") @trip("watched") forbid (principal, action, resource);';
    const wanted = {
      decision: 'deny',
      code: 'FORBIDDEN',
      rules: ['no', 'nor'],
      reason: 'Never here.',
      trips: ['watched', 'frozen'],
    };
    expect(load(OPEN + rules).decide(request())).toMatchObject(wanted);
    expect(load(rules).decide(request())).toMatchObject(wanted);
  });

  test("is each operation's own, however often the same rules give it", () => {
    const set = load('@id("no") forbid (principal, action, resource);');
    const [write, read] = ['mcp:files/write', 'mcp:files/read'].map((id) => request({ operation: id }));
    for (const asked of [write, read, write, read])
      expect(set.decide(asked ?? request()).reason).toBe(`A rule forbids ${asked?.operation} here.`);
    const watched = { ...request(), level: 'watched' } as const;
    const open = load(OPEN);
    for (const wanted of ['allow', 'review', 'allow', 'review'])
      expect(open.decide(wanted === 'allow' ? request() : watched).decision).toBe(wanted);
  });

  test('a review asks whom it names, each rule by itself, and needs a permit as well', () => {
    const rules =
      '@id("a") @review("owner") @within("8h") forbid (principal, action, resource);\n@id("b") @review("person:bob") forbid (principal, action, resource);';
    expect(load(OPEN + rules).decide(request())).toMatchObject({
      decision: 'review',
      code: 'APPROVAL_UNAVAILABLE',
      rules: ['a', 'b'],
      reviews: [
        { who: 'owner', rule: 'a', withinMs: 28_800_000 },
        { who: 'person:bob', rule: 'b' },
      ],
    });
    expect(load(rules).decide(request()).code).toBe('NO_PERMIT');
  });

  test('a forbid that held trips, whatever errs beside it', () => {
    const overflow = '9007199254740992 * 9007199254740992 > 0';
    const rules = `@id("no") @trip("frozen") forbid (principal, action, resource);
@id("bad") @trip("watched") forbid (principal, action, resource) when { ${overflow} };`;
    const tripped = { rules: ['no'], reason: 'A rule forbids mcp:files/write here.' };
    const wanted = { decision: 'deny', code: 'RULE_ERROR', rules: ['bad'], trips: ['frozen'], tripped };
    expect(load(OPEN + rules).decide(request())).toMatchObject(wanted);
  });

  test('what tripped is named apart from a forbid that only denies', () => {
    const rules = `@id("plain") @reason("Closed.") forbid (principal, action, resource);
@id("burst") @reason("Too many.") @trip("frozen") forbid (principal, action, resource);`;
    expect(load(OPEN + rules).decide(request())).toMatchObject({
      rules: ['plain', 'burst'],
      tripped: { rules: ['burst'], reason: 'Too many.' },
    });
    expect(load(OPEN + rules.split('\n')[0]).decide(request()).tripped).toBeUndefined();
  });

  test('any error in any rule whose scope matches denies, a forbid skipped by Cedar included', () => {
    const overflow = '9007199254740992 * 9007199254740992 > 0';
    const erring = load(`${OPEN}@id("bad") forbid (principal, action, resource) when { ${overflow} };`);
    expect(erring.decide(request())).toMatchObject({ decision: 'deny', code: 'RULE_ERROR', rules: ['bad'] });
    expect(erring.decide(request()).reason).toContain('bad: integer overflow');
    const elsewhere = load(
      `${OPEN}@id("bad") forbid (principal == Agent::"payer", action, resource) when { ${overflow} };`,
    );
    expect(elsewhere.decide(request()).decision).toBe('allow');
  });

  test('several targets: the strictest wins, the rules of those who gave it unite', () => {
    const set =
      load(`${OPEN}@id("env") forbid (principal, action, resource is Path) when { resource.name like ".*" };
@id("etc") forbid (principal, action, resource in Path::"/etc");
@id("ask") @review("owner") forbid (principal, action, resource in Path::"/srv");`);
    const decide = (...ids: string[]) => set.decide(request({ targets: ids.map(path) }));
    expect(decide('/tmp/a')).toMatchObject({ decision: 'allow' });
    expect(decide('/tmp/a', '/srv/a')).toMatchObject({ decision: 'review', rules: ['ask'] });
    expect(decide('/srv/a', '/etc/passwd', '/tmp/.env')).toMatchObject({
      decision: 'deny',
      rules: ['env', 'etc'],
      reviews: [],
    });
  });
});

test.each([
  ['resource', ['/srv/a', '/', '/srv']],
  ['resource == Path::"/srv/a"', ['/srv/a']],
  ['resource in Path::"/srv"', ['/srv/a', '/srv']],
  ['resource is Path', ['/srv/a', '/', '/srv']],
  ['resource is Path in Path::"/srv"', ['/srv/a', '/srv']],
  ['resource is Target', []],
  ['resource is Target in Path::"/srv"', []],
])('%s means just these targets', (scope, meant) => {
  const set = load(`@need("tests") permit (principal, action, ${scope});`);
  const found = ['/srv/a', '/', '/srv'].filter(
    (id) => set.decide(request({ targets: [path(id)] })).decision === 'allow',
  );
  expect(found).toEqual(meant);
});

describe('levels', () => {
  const set = load(OPEN);
  test('watched asks the owner for all but reading', () => {
    const watched = request({ level: 'watched' });
    expect(set.decide(watched)).toMatchObject({
      decision: 'review',
      rules: ['lanyard:watched'],
      reviews: [{ who: 'owner', rule: 'lanyard:watched' }],
    });
    expect(set.explain(watched).decision.rules).toEqual(['lanyard:watched']);
    expect(set.decide({ ...watched, operation: 'mcp:files/read' }).decision).toBe('allow');
    expect(load('').decide(watched).code).toBe('NO_PERMIT');
  });
  test('frozen and killed run nothing', () => {
    for (const level of ['frozen', 'killed'] as const) {
      expect(set.decide(request({ level })).code).toBe('FROZEN');
      expect(set.listable('writer', level, 'mcp:files/write')).toBe(false);
    }
  });
  test('rules see the level in force, not the configured one', () => {
    const rules = load(
      `${OPEN}@id("w") forbid (principal, action, resource) when { principal.level == "watched" };`,
    );
    expect(rules.decide(request()).decision).toBe('allow');
    expect(rules.decide(request({ level: 'watched' })).rules).toEqual(['w']);
  });
});

describe('nothing is allowed because something is missing', () => {
  const set = load(OPEN);
  test.each([
    ['an agent nobody knows', { agent: 'eve' }, 'DECISION_FAILED'],
    ['an agent whose owner is gone', { agent: 'orphan' }, 'NO_OWNER'],
    ['an operation nobody knows', { operation: 'mcp:files/nope' }, 'DECISION_FAILED'],
    ['no target', { targets: [] }, 'DECISION_FAILED'],
    ['a target of a type the operation does not have', { targets: [plain('files')] }, 'DECISION_FAILED'],
    ['names that objects inherit', { agent: '__proto__', operation: 'constructor' }, 'DECISION_FAILED'],
  ] as const)('%s', (_, more, code) => {
    expect(set.decide(request(more))).toMatchObject({ decision: 'deny', code });
  });

  test('arguments that are not what their schema says', () => {
    const reading = load(
      `${OPEN}@id("r") forbid (principal, action == Action::"mcp:files/write", resource) when { context.input.path == "x" };`,
    );
    expect(reading.decide(request({ arguments: { path: 7 } })).code).toBe('DECISION_FAILED');
    expect(reading.decide(request({ arguments: {} })).code).toBe('RULE_ERROR');
  });

  test('an argument named like something objects inherit is just absent', () => {
    const schema = {
      type: 'object',
      properties: { constructor: { type: 'string' }, path: { type: 'string' } },
    };
    const world = { ...WORLD, operations: [operation('files/write', schema, { targetTypes: ['Path'] })] };
    const rules = load(
      `${OPEN}@id("has") forbid (principal, action, resource) when { context.input has "constructor" };`,
      world,
    );
    expect(rules.decide(request()).decision).toBe('allow');
    expect(rules.decide(request({ arguments: { constructor: 'x' } })).rules).toEqual(['has']);
  });
});

describe('numbers', () => {
  const transfer = (amount: number, more = {}) =>
    request({
      agent: 'payer',
      operation: 'mcp:bank/transfer',
      targets: [plain('bank')],
      arguments: { amount, ...more },
    });
  const limit = load(
    `${OPEN}@id("limit") forbid (principal, action == Action::"mcp:bank/transfer", resource) when { context.input.amount.greaterThan(decimal("500.0")) };`,
  );

  test.each([
    [500, 'allow', undefined],
    [500.0001, 'deny', 'FORBIDDEN'],
    [-0, 'allow', undefined],
    [500.00001, 'deny', 'UNREPRESENTABLE'],
    [1e-7, 'deny', 'UNREPRESENTABLE'],
    [1e20, 'deny', 'UNREPRESENTABLE'],
    [1e21, 'deny', 'UNREPRESENTABLE'],
  ])('%d is seen exactly or not at all', (amount, decision, code) => {
    const found = limit.decide(transfer(amount));
    expect([found.decision, found.code]).toEqual([decision, code]);
  });

  test('one that a rule cannot see does not disarm a breaker that does not look at it', () => {
    const rules = `@id("limit") forbid (principal, action, resource) when { context.input has amount };
@id("burst") @reason("Too many.") @trip("frozen") forbid (principal, action == Action::"mcp:bank/transfer", resource);
@id("sum") @trip("killed") forbid (principal, action == Action::"mcp:bank/transfer", resource) when { context.input has amount };`;
    expect(load(OPEN + rules).decide(transfer(1e-7))).toMatchObject({
      code: 'UNREPRESENTABLE',
      rules: ['limit', 'sum'],
      trips: ['frozen'],
      tripped: { rules: ['burst'], reason: 'Too many.' },
    });
  });

  test('one that no rule looks at is left out; `has` and the whole input look at it', () => {
    const by = (condition: string) =>
      load(
        `${OPEN}@id("r") forbid (principal, action == Action::"mcp:bank/transfer", resource) when { ${condition} };`,
      );
    expect(load(OPEN).decide(transfer(1e-7)).decision).toBe('allow');
    expect(by('context.input has to && context.input.to == "x"').decide(transfer(1e-7)).decision).toBe(
      'allow',
    );
    expect(by('context.input has amount').decide(transfer(1e-7))).toMatchObject({
      code: 'UNREPRESENTABLE',
      rules: ['r'],
    });
    expect(by('context == context').decide(transfer(1e-7)).code).toBe('UNREPRESENTABLE');
    expect(
      by('context.input has notes && context.input.notes.contains(decimal("1.0"))').decide(
        transfer(1, { notes: [1e-7] }),
      ).code,
    ).toBe('UNREPRESENTABLE');
    expect(
      load(
        `${OPEN}@id("r") forbid (principal == Agent::"writer", action == Action::"mcp:bank/transfer", resource) when { context.input has amount };`,
      ).decide(transfer(1e-7)).decision,
    ).toBe('allow');
  });
});

test('an explanation of a number nobody can see names what hides it', () => {
  const set = load(
    `${OPEN}@id("limit") forbid (principal, action == Action::"mcp:bank/transfer", resource) when { context.input.amount.greaterThan(decimal("500.0")) };`,
  );
  const call = request({
    operation: 'mcp:bank/transfer',
    targets: [plain('bank')],
    arguments: { amount: 1e-7 },
  });
  expect(set.explain(call)).toMatchObject({
    decision: { code: 'UNREPRESENTABLE', rules: ['limit'] },
    targets: [{ decision: 'deny', code: 'UNREPRESENTABLE', rules: ['limit'] }],
  });
});

test('what is listed is what could be had', () => {
  const listed = (rules: string, operationId = 'mcp:files/write', agent = 'writer') =>
    load(rules).listable(agent, 'live', operationId);
  const permit = (rest: string) => `@need("tests") permit (${rest});`;
  expect(listed(OPEN)).toBe(true);
  expect(listed('')).toBe(false);
  expect(listed(OPEN, 'mcp:files/nope')).toBe(false);
  expect(listed(OPEN, 'mcp:files/write', 'orphan')).toBe(false);
  expect(listed(permit('principal, action, resource in Path::"/srv"'))).toBe(true);
  expect(listed(permit('principal, action, resource is Target'))).toBe(false);
  expect(listed(permit('principal == Agent::"payer", action, resource'))).toBe(false);
  expect(
    listed(
      `${permit('principal, action, resource')} `.replace(
        ');',
        ') when { principal.owner == Person::"bob" };',
      ),
    ),
  ).toBe(false);
  expect(
    listed(permit('principal, action, resource').replace(');', ') when { context.input has path };')),
  ).toBe(true);
  expect(
    listed(
      permit('principal, action, resource').replace(');', ') when { context.input has path };'),
      'mcp:files/odd',
    ),
  ).toBe(false);
  expect(listed(`${OPEN}forbid (principal, action, resource);`)).toBe(false);
  expect(listed(`${OPEN}@review("owner") forbid (principal, action, resource);`)).toBe(true);
  expect(
    listed(`${OPEN}forbid (principal, action, resource is Path) when { principal in Team::"docs" };`),
  ).toBe(false);
  expect(listed(`${OPEN}forbid (principal, action, resource) when { resource.id like "*" };`)).toBe(true);
  expect(listed(`${OPEN}forbid (principal, action, resource in Path::"/");`)).toBe(true);
  expect(listed(`${OPEN}forbid (principal, action, resource) when { resource in Path::"/" };`)).toBe(true);
  expect(listed(`${OPEN}forbid (principal, action, resource) when { resource == Path::"/" };`)).toBe(true);
  expect(listed(`${OPEN}forbid (principal, action, resource) unless { resource in Target::"files" };`)).toBe(
    false,
  );
});

test('an explanation says why each rule did or did not decide', () => {
  const set = load(`${OPEN}@id("two") forbid (principal, action, resource)
when { resource.id like "/srv/*" } unless { context.system.door == "mcp" };
@id("etc") forbid (principal, action, resource in Path::"/etc");
@id("bad") forbid (principal, action, resource) when { context.system.now.offset(duration("106751991167d")) > context.system.now } when { true };`);
  const { decision, targets } = set.explain(request());
  expect(decision.code).toBe('RULE_ERROR');
  expect(targets[0]?.considered).toMatchObject([
    { id: 'open', outcome: 'holds', clauses: [] },
    {
      id: 'two',
      outcome: 'does not hold',
      clauses: [
        { kind: 'when', text: 'resource.id like "/srv/*"', value: true },
        { kind: 'unless', value: true },
      ],
    },
    { id: 'etc', outcome: 'is about other targets', why: 'resource in Path::"/etc"' },
    { id: 'bad', outcome: 'error', clauses: [{ error: 'integer overflow' }, { kind: 'when', text: 'true' }] },
  ]);
  expect(targets[0]?.considered[3]?.clauses[1]).not.toHaveProperty('value');
});

test('rules read the responses that a paused call goes on with, and that there are none', () => {
  const set = load(`${OPEN}@id("sure") forbid (principal, action, resource)
unless { context.system has responses && context.system.responses like "*\\"sure\\":true*" };`);
  const { system } = request();
  const answer = (responses?: string) =>
    set.decide(request(responses === undefined ? {} : { system: { ...system, responses } })).decision;
  expect([answer('{"a":{"sure":true}}'), answer('{"a":{"sure":false}}'), answer()]).toEqual([
    'allow',
    'deny',
    'deny',
  ]);
});

test('rules see what a nested object holds beside what its schema names, wherever it stands', () => {
  const edit: JsonObject = {
    type: 'object',
    properties: { line: { type: 'integer' } },
    additionalProperties: true,
  };
  const schema: JsonObject = {
    type: 'object',
    properties: { edit, edits: { type: 'array', items: edit }, free: { type: 'object' } },
    additionalProperties: true,
  };
  const world = { ...WORLD, operations: [operation('files/edit', schema)] };
  const set = load(
    `${OPEN}@id("nothing-else") forbid (principal, action, resource) when { context.system has extra };
@id("known") forbid (principal, action, resource) when {
  context.system has extra &&
  context.system.extra == "{\\"edit\\":{\\"as\\":\\"root\\"},\\"edits\\":[{\\"as\\":1}],\\"top\\":true}"
};`,
    world,
  );
  const rules = (args: JsonObject, extra?: JsonObject) =>
    set.decide(
      request({
        operation: 'mcp:files/edit',
        targets: [plain('files')],
        arguments: args,
        ...(extra === undefined ? {} : { extra }),
      }),
    ).rules;
  expect(rules({ edit: { line: 1 }, edits: [{ line: 2 }, {}], free: { as: 'root' } })).toEqual(['open']);
  expect(rules({ edit: { line: 1, as: 'root' } })).toEqual(['nothing-else']);
  // What the other generation of the upstream declares, and the one that rules are typed by does not.
  expect(rules({ edit: { line: 1 }, older: 'x' })).toEqual(['nothing-else']);
  const more = { edit: { line: 1, as: 'root' }, edits: [{ line: 2 }, { as: 1 }], top: true };
  expect(rules(more, { top: true })).toEqual(['nothing-else', 'known']);
});
