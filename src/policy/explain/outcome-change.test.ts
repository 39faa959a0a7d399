import { describe, expect, test } from 'vitest';
import type { PolicyRequest } from '../request.ts';
import { load, path, plain, request } from '../sample-world.ts';
import { renderExplanation } from './explanation-text.ts';

const OPEN = '@id("open") @need("tests") permit (principal, action, resource);\n';

/** What an explanation says below the rules, without its indentation. */
function told(rules: string, asked: Partial<PolicyRequest> = {}): string[] {
  const lines = renderExplanation(load(rules).explain(request(asked))).split('\n');
  const from = lines.findIndex((line) => /^ {2}(nearly decided|it would have been)/.test(line));
  return from < 0 ? [] : lines.slice(from).map((line) => line.trim());
}

const transfer = (args: PolicyRequest['arguments']): Partial<PolicyRequest> => ({
  operation: 'mcp:bank/transfer',
  targets: [plain('bank')],
  arguments: args,
});

describe('what a denied action lacked', () => {
  test('a permit, of which one thing failed', () => {
    const rules = `@id("near") @need("tests") permit (principal, action == Action::"mcp:files/write", resource)
when { context.input.path like "/srv/docs/*" && principal.level == "live" };
@id("far") @need("tests") permit (principal, action == Action::"mcp:files/write", resource)
when { context.input.path == "/etc/x" && context.system.door == "hook" };`;
    expect(told(rules)).toEqual([
      'nearly decided:',
      'permit near (rules.cedar:1), but for this:',
      '`context.input.path` would have to be like "/srv/docs/*"; it is "/srv/a.txt"',
      'it would have been allowed if',
      'near held:',
      '`context.input.path` would have to be like "/srv/docs/*"; it is "/srv/a.txt"',
    ]);
  });

  test('a permit on this target', () => {
    const rules = '@id("docs") @need("tests") permit (principal, action, resource in Path::"/srv/docs");';
    expect(told(rules)).toContain(
      'the target would have to be in Path::"/srv/docs"; it is Path::"/srv/a.txt"',
    );
  });

  test('any permit at all', () => {
    expect(told('@id("x") @need("tests") permit (principal == Agent::"payer", action, resource);')).toEqual([
      'it would have been allowed if',
      'a rule permitted it; none does that names this agent and this operation',
    ]);
  });

  test('a value that a forbid does not look for', () => {
    const rules = `${OPEN}@id("no-txt") forbid (principal, action, resource is Path) when { resource.name like "*.txt" }
unless { context.system.door == "hook" };`;
    expect(told(rules).slice(-3)).toEqual([
      'it would have been allowed if',
      'no-txt did not hold:',
      '`resource.name` would have to be other than like "*.txt"; it is "a.txt"',
    ]);
  });

  test('a forbid without conditions, and a person after that', () => {
    const rules = `${OPEN}@id("never") forbid (principal, action, resource);
@id("asks") @review("owner") forbid (principal, action, resource);`;
    expect(told(rules)).toEqual([
      'it would have been held for a person if',
      'never were not there; nothing in it depends on the call',
    ]);
  });

  test('a rule that could be evaluated', () => {
    const rules = `${OPEN}@id("broken") forbid (principal, action, resource)
when { context.system.now.offset(duration("106751991167d")) > context.system.now };`;
    expect(told(rules).slice(-2)).toEqual([
      'it would have been allowed if',
      'broken could be evaluated and did not hold, or were not there',
    ]);
  });

  test('what it had not read', () => {
    const rules = `${OPEN}@id("read-too-much") @review("owner") forbid (principal, action, resource)
when { context.system.marks.contains("untrusted") && context.system.marks.containsAny(["personal", "secret"]) };`;
    const { system } = request();
    expect(told(rules, { system: { ...system, marks: ['untrusted', 'secret'] } })).toEqual([
      'it would have been allowed if',
      'read-too-much did not hold:',
      '`context.system.marks` would have to be without "untrusted"; it is ["untrusted", "secret"]',
    ]);
  });
});

describe('what an allowed action nearly met', () => {
  test('a forbid of which one thing failed', () => {
    const rules = `${OPEN}@id("much") @review("owner") forbid (principal, action == Action::"mcp:bank/transfer", resource)
when { context.input.amount.greaterThan(decimal("500.0")) && context.input has to };`;
    expect(told(rules, transfer({ amount: 20, to: 'x' }))).toEqual([
      'nearly decided:',
      'forbid much (rules.cedar:2, asks owner), but for this:',
      '`context.input.amount` would have to be more than decimal("500.0"); it is decimal("20.0")',
      'it would have been held for a person if',
      'much held:',
      '`context.input.amount` would have to be more than decimal("500.0"); it is decimal("20.0")',
    ]);
  });

  test('nothing but the permit itself', () => {
    const rules = '@id("srv") @need("tests") permit (principal, action, resource in Path::"/srv");';
    expect(told(rules)).toEqual([
      'it would have been denied if',
      'srv did not hold:',
      'the target would have to be another than in Path::"/srv"; it is Path::"/srv/a.txt"',
    ]);
  });
});

describe('the words', () => {
  test.each([
    ['context.input has to', 'would have to have `to`'],
    [
      'context.input has to && context.input.to == "bob"',
      '`context.input.to` would have to be "bob"; it is not there',
    ],
    [
      '!(context.input.amount.lessThan(decimal("30.0")))',
      'be at least decimal("30.0"); it is decimal("20.0")',
    ],
    [
      'context.system.now.toTime() < duration("6h")',
      '`context.system.now.toTime()` would have to be less than duration("6h"); it is duration("11h6m40s")',
    ],
    ['resource is Target && resource.id == "mint"', '`resource.id` would have to be "mint"; it is "bank"'],
    [
      'context.system.marks.containsAll(["a", "b"])',
      '`context.system.marks` would have to hold all of ["a", "b"]; it is []',
    ],
    ['principal.level == "watched"', '`principal.level` would have to be "watched"; it is "live"'],
    [
      'context.system.session == context.system.door',
      '`context.system.session == context.system.door` would have to be true',
    ],
    [
      'context.system.door == "hook" || context.system.session == "x" && context.system.door == "y"',
      '`context.system.door` would have to be "hook"; it is "mcp"',
    ],
  ])('%s', (condition, words) => {
    const rules = `@id("it") @need("tests") permit (principal, action == Action::"mcp:bank/transfer", resource) when { ${condition} };`;
    expect(told(rules, transfer({ amount: 20 })).join('\n')).toContain(words);
  });

  test('are on one line, bounded, and show what cannot be seen', () => {
    const rules =
      '@id("it") @need("tests") permit (principal, action == Action::"mcp:files/write", resource) when { context.input.path == "x" };';
    const long = `/srv/\u001b[31m\n"${'y'.repeat(5000)}`;
    const [line] = told(rules, { targets: [path('/srv/a')], arguments: { path: long } }).slice(-1);
    expect(line).toContain('\\u{1b}[31m\\n\\"yyy');
    expect(line?.length).toBeLessThan(300);
  });
});

test('one that a level held says so, and several targets each say what they lacked', () => {
  const watched = load(OPEN).explain(request({ level: 'watched' }));
  expect(renderExplanation(watched)).toContain('if the level of the agent had been live; it was watched');
  const several = load('').explain(request({ targets: [path('/a/b'), path('/a/c')] }));
  expect(renderExplanation(several)).toContain('2 targets were answered so; each would have to change');
  expect(several.targets.map(({ otherwise }) => otherwise?.change?.to)).toEqual(['allow', 'allow']);
});
