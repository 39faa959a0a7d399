import { describe, expect, test } from 'vitest';
import { cedar } from './engine/cedar.ts';
import { checkPolicies, loadPolicies } from './load.ts';
import { renderProblem } from './problem.ts';
import { load, operation, problemsOf, request, WORLD } from './sample-world.ts';

const NEED = '@need("tests")';

describe('what is wrong is said with its place', () => {
  test.each([
    ['permit (principal, action, resource)', '1:1 error this rule has no end (a rule ends with ";")'],
    ['permit (principal, action, resource;', '1:8 error this "(" is never closed'],
    ['forbid (principal, action, resource) when { "ö" == 1) };', '1:53 error this ")" closes nothing'],
    ['forbid (principal, action, resource) when { "open };', '1:45 error this string has no end'],
    [
      'forbid (principal, action, resource) when { "öö😀" == context.foo.bar() };',
      '1:54 error `bar` is not a valid method',
    ],
    [
      'forbid (principal == ?principal, action, resource);',
      '1:22 error templates (?principal) are not accepted',
    ],
    [
      'forbid (principal, action, resource) when { 9007199254740993 == 1 };',
      '1:45 error the number 9007199254740993 lies beyond 2^53',
    ],
    [
      'forbid (principal, action, resource) when { -9223372036854775808 < 1 };',
      '1:46 error the number 9223372036854775808 lies beyond 2^53',
    ],
    [
      'forbid (principal, action, resource) when temporal { x };',
      '1:43 error temporal conditions come with history',
    ],
    [
      'forbid (principal, action, resource) when { true && temporal { x } };',
      '1:53 error temporal conditions come with history',
    ],
    [
      'forbid (principal == Agent::"wrter", action, resource);',
      '1:22 error there is no agent "wrter" (did you mean "writer"?)',
    ],
    [
      'forbid (principal in Team::"dcos", action, resource);',
      '1:22 error there is no team "dcos" (did you mean "docs"?)',
    ],
    [
      'forbid (principal, action, resource) when { principal.owner == Person::"eve" };',
      '1:64 error there is no person "eve"',
    ],
    [
      'forbid (principal, action == Action::"mcp:files/wrte", resource);',
      '1:30 error there is no operation or group "mcp:files/wrte" (did you mean "mcp:files/write"?)',
    ],
    [
      'forbid (principal, action == Action::"mcp:fils/write", resource);',
      '1:30 error there is no operation or group "mcp:fils/write" (did you mean "mcp:files/write"?)',
    ],
    [
      'forbid (principal, action in Action::"risk:raed", resource);',
      '1:30 error there is no operation or group "risk:raed" (did you mean "risk:read"?)',
    ],
    [
      'forbid (principal, action, resource) when { resource has "__proto__" };',
      '1:58 error names beginning "__" are reserved',
    ],
    [
      '@reveiw("owner") forbid (principal, action, resource);',
      '1:1 error @reveiw is no annotation of a rule (did you mean "review"?)',
    ],
    ['@review forbid (principal, action, resource);', '1:1 error @review needs a value'],
    ['@id("") forbid (principal, action, resource);', '1:1 error @id needs a value'],
    ['@id("a b") forbid (principal, action, resource);', '1:1 error "a b" cannot be an id'],
    [
      '@id("lanyard:x") forbid (principal, action, resource);',
      '1:1 error ids beginning "lanyard:" are Lanyard\'s own',
    ],
    ['@id("a") @id("b") forbid (principal, action, resource);', '1:10 error duplicate annotation: @id'],
    [
      `@id("a") forbid (principal, action, resource);\n@id("a") forbid (principal, action, resource);`,
      '2:1 error the id "a" is taken (rules.cedar:1)',
    ],
    [
      'forbid (principal, action, resource); forbid (principal, action, resource);',
      '1:39 error the id "rules.cedar:1" is taken (rules.cedar:1)',
    ],
    [
      `${NEED} @review("owner") permit (principal, action, resource);`,
      '1:16 error @review stands on a permit',
    ],
    [`${NEED} @trip("frozen") permit (principal, action, resource);`, '1:16 error @trip stands on a permit'],
    [
      '@review("owner") @trip("frozen") forbid (principal, action, resource);',
      '1:18 error a rule carries @review or @trip, not both',
    ],
    ['@review("boss") forbid (principal, action, resource);', '1:1 error "boss" is nobody a review can ask'],
    [
      '@review("role:revewer") forbid (principal, action, resource);',
      '1:1 error there is no role "revewer" (did you mean "reviewer"?)',
    ],
    [
      '@review("person:adaa") forbid (principal, action, resource);',
      '1:1 error there is no person "adaa" (did you mean "ada"?)',
    ],
    [
      '@review("2 of role:reviewer") forbid (principal, action, resource);',
      '1:1 error 2 must answer, and 1 have the role reviewer',
    ],
    [
      '@review("owner") @within("8x") forbid (principal, action, resource);',
      '1:18 error "8x" is no length of time',
    ],
    ['@within("8h") forbid (principal, action, resource);', '1:1 error @within says how long'],
    ['@trip("live") forbid (principal, action, resource);', '1:1 error "live" is no level a rule can trip'],
    ['permit (principal, action, resource);', '1:1 warning this permit does not say why it exists'],
    ['forbid (principal, action == Action::"mcp:wiki/post", resource);', '1:1 warning this rule is dormant'],
    [
      '\n\tforbid (principal, action in Action::"risk:read", resource) when { context.input.pth == "x" };',
      '2:69 error attribute `input.pth` in context for Action::"mcp:files/read" and 1 more not found (not every operation has it: name those that do',
    ],
    [
      'forbid (principal, action, resource) when { context.input.path == "x" };',
      '1:45 error attribute `input.path` in context for Action::"mcp:bank/transfer" and 2 more not found (not every operation has it: name those that do, or ask first: context.input has path && …)',
    ],
    [
      'forbid (principal, action, resource) when { resource.name == "x" };',
      '1:45 error attribute `name` on entity type `Target` not found (did you mean `id`? or, as not every target has it: say resource is …, or ask first: resource has name && …)',
    ],
  ])('%s', (text, expected) => {
    expect(problemsOf(text).join('\n')).toContain(expected);
  });

  test.each([
    ['a comment ends where Cedar ends it', '// x\rforbid (principal, action, resource);', 1],
    ['inside a rule too', 'forbid (principal, action, resource) // x\rwhen { true };', 1],
    ['a byte order mark is blank', '\ufeffforbid (principal, action, resource);', 1],
  ])('%s', (_, text, rules) => {
    const set = load(text);
    expect(set.rules).toHaveLength(rules + 1);
    expect(set.decide(request()).code).toBe('FORBIDDEN');
  });

  test.each([
    [
      '\u0085@review("owner") forbid (principal, action, resource);',
      '1:1 error this character means nothing',
    ],
    ['forbid (principal, action, resource) /* x */;', '1:38 error this character means nothing'],
    [
      'forbid (principal, action, resource) when { resource.id = "x" };',
      '1:57 error this character means nothing',
    ],
  ])('what only one of two readers skips is refused: %s', (text, expected) => {
    expect(problemsOf(text).join('\n')).toContain(expected);
  });

  test('a rule about a kind that nothing is of yet is no reason to warn', () => {
    expect(problemsOf('forbid (principal, action in Action::"risk:merge", resource);')).toEqual([]);
    const types = { ...WORLD.types, Branch: { parents: [], attributes: [] } };
    expect(problemsOf('forbid (principal, action, resource is Branch);', { ...WORLD, types })).toEqual([]);
  });

  test('all problems at once, each with its line', () => {
    const text =
      '@reveiw("x") forbid (principal == Agent::"no", action, resource) when { 9007199254740993 == 1 };';
    expect(problemsOf(text)).toHaveLength(3);
  });

  test('types too, of the rules that can be read beside those that cannot', () => {
    const text = `forbid (principal == Agent::"wrter", action, resource) when { context.input.foo == 1 };
forbid (principal, action, resource) when { context.foo == 1 };
@id("a") forbid (principal, action, resource);
@id("a") forbid (principal, action, resource) when { "x" > 1 };`;
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/^1:22 error there is no agent "wrter"/),
      expect.stringMatching(/^4:1 error the id "a" is taken/),
      expect.stringMatching(
        /^2:45 error attribute `foo` in context for Action::"[^"]*" and \d+ more not found/,
      ),
    ]);
  });

  test('once where the same is wrong for many operations, in the order of the lines', () => {
    const text = `forbid (principal, action, resource) when { context.input.paht == "x" };
forbid (principal, action, resource) when { "x" > 1 };`;
    const [first, second, ...more] = problemsOf(text);
    expect(first).toMatch(
      /^1:45 error attribute `input.paht` in context for Action::"[^"]*" and \d+ more not found/,
    );
    expect(first).toMatch(/\(not every operation has it: name those that do/);
    expect(second).toMatch(/^2:\d+ error /);
    expect(more).toEqual([]);
    expect(problemsOf(text)).toEqual([first, second]);
    expect(`${first} ${second}`).not.toMatch(/`r\d+`/);
  });

  test('as lines with a caret under the very character, control characters made harmless', () => {
    const text = '// x\nforbid (principal, action, resource) when { "ö\u0007" == contxt.foo };';
    const [problem] = checkPolicies([{ name: 'a.cedar', text }], WORLD);
    expect(problem).toBeDefined();
    if (problem !== undefined)
      expect(renderProblem(problem, text).split('\n')).toEqual([
        expect.stringMatching(/^a\.cedar:2:53: error: /),
        '  2 | forbid (principal, action, resource) when { "ö\ufffd" == contxt.foo };',
        `    | ${' '.repeat(52)}^`,
        ...renderProblem(problem, text).split('\n').slice(3),
      ]);
  });
});

describe('rules that fit', () => {
  test('have their @id, or file and line; comments and strings split nothing', () => {
    const set = load(`// a; b
forbid (principal, action, resource) when { resource.id == "a;}" }; // c
@id("named") forbid (principal, action, resource);`);
    expect(set.rules.map(({ id }) => id)).toEqual(['lanyard:unclassified', 'rules.cedar:2', 'named']);
  });

  test('the digest changes with a rule and with the schema, not with a comment', () => {
    const digest = (text: string, world = WORLD) => load(text, world).digest;
    const rule = 'forbid (principal, action, resource);';
    expect(digest(rule)).toBe(digest(`${rule} // why`));
    expect(digest(rule)).not.toBe(digest('forbid (principal, action, resource) when { true };'));
    const wider = { ...WORLD, operations: [...WORLD.operations, operation('files/new', {})] };
    expect(digest(rule)).not.toBe(digest(rule, wider));
  });

  test('the rule for what nobody classified cannot be removed, and its id cannot be taken', () => {
    const set = load(`${NEED} permit (principal, action, resource);`);
    const odd = request({
      operation: 'mcp:files/odd',
      arguments: {},
      targets: [{ type: 'Target', id: 'files', ancestors: [], attributes: {} }],
    });
    expect(set.decide(odd)).toMatchObject({ decision: 'review', rules: ['lanyard:unclassified'] });
  });

  test('a world whose names Cedar could take for something else is refused', () => {
    for (const name of ['Agent', 'String', 'ipaddr', 'in', '__cedar', 'A::B', 'é', '']) {
      const world = { ...WORLD, types: { [name]: { parents: [], attributes: [] } } };
      expect(loadPolicies([], world).ok, name).toBe(false);
    }
  });
});

test('nobody is asked who is disabled; in a set in force she merely holds what she is asked about', () => {
  const rule = '@review("person:bob") forbid (principal, action, resource);';
  const people = WORLD.people.map((one) => (one.id === 'bob' ? { ...one, disabled: true } : one));
  const said = (severity: string) => [`1:1 ${severity} bob is disabled and answers nothing`];
  expect(problemsOf(rule, { ...WORLD, people })).toEqual(said('error'));
  expect(problemsOf(rule, { ...WORLD, people }, { misfits: 'hide' })).toEqual(said('warning'));
  expect(problemsOf(rule)).toEqual([]);
});

describe('what would break the official engine never reaches it', () => {
  const rule = (condition: string) => `forbid (principal, action, resource) when { ${condition} };`;
  test.each([
    ['(', `${'('.repeat(300)}true${')'.repeat(300)}`],
    ['if', `${'if true then true else '.repeat(300)}true`],
    ['.', `context${'.a'.repeat(2000)}`],
    ['+', `1${'+1'.repeat(2000)} == 1`],
    ['||', `true${' || true'.repeat(5000)}`],
    ['has', `context has a${'.a'.repeat(2000)}`],
    ['["a"]', `context${'["a"]'.repeat(2000)}`],
    ['record', `${'{a:'.repeat(300)}1${'}'.repeat(300)} == 1`],
  ])('%s nested too deep', (_, condition) => {
    expect(problemsOf(rule(condition)).join()).toMatch(/nests too deep/);
    expect(cedar().policyToJson('permit (principal, action, resource);').type).toBe('success');
  });

  test('as deep as all limits allow at once is taken', () => {
    const deep = `${'(true && '.repeat(39)}1${'+1'.repeat(60)} == 1${' || true'.repeat(450)}${')'.repeat(39)}`;
    const set = load(rule(deep));
    expect(set.decide(request()).code).toBe('FORBIDDEN');
  });

  test('five hundred alternatives are one list', () => {
    const many = Array.from({ length: 500 }, (_, i) => `resource.id == "x${i}"`).join(' || ');
    expect(load(rule(many)).decide(request()).code).toBe('NO_PERMIT');
  });
});

describe('rules that do not fit an operation', () => {
  const text = `${NEED} permit (principal, action in Action::"upstream:bank", resource) when { context.input.amount.lessThan(decimal("5.0")) };
${NEED} permit (principal, action in Action::"upstream:files", resource);`;
  const changed = {
    ...WORLD,
    operations: [
      ...WORLD.operations,
      operation('bank/close', { type: 'object', properties: { amount: { type: 'string' } } }),
    ],
  };

  test('are errors where the set is being applied', () => {
    expect(problemsOf(text, changed).filter((line) => line.includes('error'))).not.toEqual([]);
  });

  test('hide and deny just that operation where the set is in force', () => {
    const set = load(text, changed, { misfits: 'hide' });
    expect([...set.misfits]).toEqual([['mcp:bank/close', ['rules.cedar:1']]]);
    const target = { type: 'Target', id: 'bank', ancestors: [], attributes: {} };
    const call = (operationId: string, args: Record<string, number | string>) =>
      set.decide(request({ operation: operationId, targets: [target], arguments: args }));
    expect(call('mcp:bank/close', { amount: '1' })).toMatchObject({
      decision: 'deny',
      code: 'RULE_DOES_NOT_FIT',
      rules: ['rules.cedar:1'],
    });
    expect(call('mcp:bank/transfer', { amount: 1 }).decision).toBe('allow');
    expect(set.listable('writer', 'live', 'mcp:bank/close')).toBe(false);
    expect(set.listable('writer', 'live', 'mcp:bank/transfer')).toBe(true);
  });

  test('an operation no longer offered is a warning there, and an error when applied', () => {
    const gone = 'forbid (principal, action == Action::"mcp:files/gone", resource);';
    expect(problemsOf(gone)[0]).toMatch(/^1:30 error/);
    expect(problemsOf(gone, WORLD, { misfits: 'hide' }).every((line) => line.includes('warning'))).toBe(true);
  });
});
