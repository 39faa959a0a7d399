import { describe, expect, test } from 'vitest';
import type { Target } from '../../model/action.ts';
import { load, plain, request, WORLD } from '../sample-world.ts';

/** What a caller alone says a call is about (the check door): it takes a permit, and nothing of the upstream away. */

const note = (id: string): Target => ({ type: 'Note', id, ancestors: [], attributes: { id } });
const said = (rules: string, target = note('n1')) =>
  load(rules).decide(
    request({
      operation: 'mcp:bank/transfer',
      arguments: { amount: 1 },
      targets: [target, plain('bank')],
      said: true,
    }),
  );

const OPEN = '@id("open") @need("tests") permit (principal, action, resource);\n';
const ONE = '@id("one") @need("tests") permit (principal, action, resource == Target::"r1");\n';

describe("a target by its caller's word", () => {
  test('is decided on, of a type that no rule can name too', () => {
    expect(said(OPEN)).toMatchObject({ decision: 'allow', rules: ['open'] });
    expect(said('')).toMatchObject({ decision: 'deny', code: 'NO_PERMIT' });
    expect(said(ONE)).toMatchObject({ decision: 'deny', code: 'NO_PERMIT' });
    expect(said(ONE, plain('r1'))).toMatchObject({ decision: 'allow', rules: ['one'] });
    const forbid = '@id("no") forbid (principal, action, resource) when { resource.id == "n1" };';
    expect(said(OPEN + forbid)).toMatchObject({ decision: 'deny', rules: ['no'] });
    expect(said(OPEN + forbid, note('n2'))).toMatchObject({ decision: 'allow' });
  });

  test.each([
    ['a forbid of the upstream', 'forbid (principal, action, resource == Target::"bank");', 'FORBIDDEN'],
    ['a forbid of plain targets', 'forbid (principal, action, resource is Target);', 'FORBIDDEN'],
    [
      'a review of the upstream',
      '@review("owner") forbid (principal, action, resource == Target::"bank");',
      'APPROVAL_UNAVAILABLE',
    ],
    [
      'a rule that errs on the upstream',
      'forbid (principal, action, resource == Target::"bank") when { 9007199254740992 * 9007199254740992 > 0 };',
      'RULE_ERROR',
    ],
  ])('%s still holds', (_, rule, code) => {
    expect(said(OPEN + rule).code).toBe(code);
    expect(said(ONE + rule, plain('r1')).code).toBe(code);
  });

  test('holds what nobody classified', () => {
    const targets = [note('n1'), plain('files')];
    const odd = request({ operation: 'mcp:files/odd', arguments: {}, targets, said: true });
    expect(load(OPEN).decide(odd)).toMatchObject({ decision: 'review', rules: ['lanyard:unclassified'] });
  });

  test('takes no permit of the upstream, and nothing without that word', () => {
    const place = '@id("place") @need("tests") permit (principal, action, resource == Target::"bank");';
    expect(said(place).code).toBe('NO_PERMIT');
    const unsaid = request({
      operation: 'mcp:files/odd',
      arguments: {},
      targets: [note('n1'), plain('files')],
    });
    expect(load(OPEN).decide(unsaid).code).toBe('DECISION_FAILED');
  });

  test('of a type that lies in others is not decided on where its name does not tell what it lies in', () => {
    const path: Target = { type: 'Path', id: '/', ancestors: [], attributes: { name: '' } };
    expect(said(OPEN, path)).toMatchObject({ decision: 'allow' });
    const rules = `${OPEN}forbid (principal, action, resource in Repo::"octo/secret");`;
    const world = {
      ...WORLD,
      types: {
        ...WORLD.types,
        Repo: { parents: [], attributes: [] },
        Issue: { parents: ['Repo'], attributes: [] },
      },
    };
    const call = (target: Target) =>
      load(rules, world).decide(
        request({
          operation: 'mcp:bank/transfer',
          arguments: { amount: 1 },
          targets: [target, plain('bank')],
          said: true,
        }),
      );
    const issue = { type: 'Issue', id: 'octo/secret#1', attributes: { id: 'octo/secret#1' } };
    expect(call({ ...issue, ancestors: [] })).toMatchObject({ decision: 'deny', code: 'TARGET_UNKNOWN' });
    const repo = { type: 'Repo', id: 'octo/secret' };
    expect(call({ ...issue, ancestors: [repo] })).toMatchObject({ decision: 'deny', code: 'FORBIDDEN' });
  });
});
