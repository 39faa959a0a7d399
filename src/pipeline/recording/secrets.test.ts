import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeDirectory, SECRET, TestHouse } from '../../../tests/faults/test-house.ts';
import { problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { createScrubber } from './scrub.ts';

/** Written in parts, so that nobody takes this file for a leak. */
const FOREIGN = ['ghp', '_', 'Aa0Bb1Cc2Dd3Ee4Ff5Gg6Hh7Ii8Jj9Kk0Ll1'].join('');

let house: TestHouse;
beforeEach(async () => {
  house = await TestHouse.open({ configuration: 'redact: ["EMP-[0-9]{6}"]\n' });
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const text = (value: string) => ({ content: [{ type: 'text', text: value }] });
const hasSecret = (value: string) => createScrubber([SECRET]).scrub(value) !== value;

/** Nothing that Lanyard keeps or tells holds the secret: no entry, no body, no cell, no line for the operator. */
async function expectNowhere(...answers: readonly unknown[]): Promise<void> {
  const { entries, report } = await house.see();
  expect(report).toMatchObject({ holds: true, faults: [] });
  const kept: string[] = [...entries.map((entry) => JSON.stringify(entry)), ...house.told];
  for (const { action } of entries) {
    if (action === undefined) continue;
    for (const part of ['arguments', 'result'] as const) kept.push((await house.body(action, part)) ?? '');
  }
  expect(kept.filter(hasSecret)).toEqual([]);
  expect(kept.filter((each) => each.includes(FOREIGN) || each.includes('EMP-123456'))).toEqual([]);
  expect(answers.map((answer) => JSON.stringify(answer)).filter(hasSecret)).toEqual([]);
}

describe('P8 a secret of the configuration', () => {
  const forms = {
    'as it is': SECRET,
    'in base64': Buffer.from(`user:${SECRET}`).toString('base64'),
    'in a URL': `https://h/?q=${encodeURIComponent(SECRET)}`,
    'in JSON': JSON.stringify({ env: { KEY: SECRET } }),
    'in hex': Buffer.from(SECRET).toString('hex'),
  };

  test.each(Object.entries(forms))('in a result, %s', async (_, form) => {
    const structuredContent: JsonObject = { [form]: ['x', form] };
    house.upstream.behaviour = () => ({
      kind: 'result',
      result: { ...text(`it is ${form}!`), structuredContent },
    });
    const answer = await house.look('a');
    expect(answer).toMatchObject({ kind: 'result', result: { content: [{ type: 'text' }] } });
    expect(JSON.stringify(answer)).toContain('it is ');
    expect(JSON.stringify(answer)).toContain('[secret]');
    await expectNowhere(answer);
  });

  test.each(Object.entries(forms))('in an error, %s', async (_, form) => {
    const error = { code: -32000, message: `no: ${form}`, data: { header: [form] } };
    house.upstream.behaviour = () => ({ kind: 'error', error });
    const answer = await house.look('a');
    expect(answer).toMatchObject({ kind: 'error', error: { code: -32000 } });
    await expectNowhere(answer);
  });

  test('in what is said of a call that did not end well', async () => {
    const why = { upstream: 'box', what: `it wrote ${SECRET}` };
    for (const kind of ['lost', 'not-sent'] as const) {
      house.upstream.behaviour = () => ({ kind, problem: problem('UPSTREAM_FAILED', why) });
      const answer = await house.look('a');
      expect(answer).toMatchObject({
        kind: 'failed',
        problem: { sentence: expect.stringContaining('it wrote [secret]') },
      });
      await expectNowhere(answer);
    }
  });

  test('in what a broken client throws', async () => {
    house.upstream.behaviour = () => {
      throw new Error(`bad header ${SECRET}`);
    };
    await expectNowhere(await house.look('a'));
    expect(house.told.join()).toContain('bad header [secret]');
  });

  test('in progress', async () => {
    const told: JsonObject[] = [];
    house.upstream.behaviour = (_, control) => {
      control.onProgress?.({ progress: 1, message: `using ${SECRET}` });
      return { kind: 'result', result: text('done') };
    };
    const control = { signal: new AbortController().signal, onProgress: (one: JsonObject) => told.push(one) };
    await house.look('a', { control });
    expect(told).toEqual([{ progress: 1, message: 'using [secret]' }]);
  });

  test('in what an upstream says of itself', async () => {
    const { tools } = house.upstream.definitions;
    const telling = tools.map((one) => ({ ...one, description: `Uses ${SECRET}` }));
    house.upstream.relist({ tools: telling, resources: [{ uri: 'box://a', name: `with ${SECRET}` }] });
    house.house.standing.onListed('box', '2026', house.upstream.definitions);
    house.house.pins.pin('box', '2026', [...(house.house.pins.listed('box', '2026')?.values() ?? [])]);
    const listing = await house.corridor.listing({ agent: 'writer', token: 't' }, 'box', '2026');
    expect(JSON.stringify(listing)).toContain('Uses [secret]');
    expect(JSON.stringify(listing)).toContain('with [secret]');
    await expectNowhere(listing);
  });

  test('in what the agent itself sends: it goes out as it is, and is kept nowhere', async () => {
    const more = { reason: `because of ${SECRET}`, session: `s-${SECRET}` };
    await house.look(`x${SECRET}y`, more);
    await house.look(`ghost ${SECRET}`, more);
    expect(house.upstream.sent.map((order) => order.argumentsText)).toEqual([
      `{"id":${JSON.stringify(`x${SECRET}y`)}}`,
    ]);
    const { entries } = await house.see();
    const decided = entries.filter((entry) => entry.kind === 'action.decided');
    expect(decided).toMatchObject([
      {
        decision: 'allow',
        target: { id: 'x[secret]y' },
        claimedReason: 'because of [secret]',
        session: 's-[secret]',
      },
      { decision: 'deny', target: { id: 'ghost [secret]' } },
    ]);
    await expectNowhere();
  });
});

describe('P8 other values that look secret', () => {
  test('are answered as they are, and redacted in all that is kept', async () => {
    house.upstream.behaviour = () => ({ kind: 'result', result: text(`token ${FOREIGN} of EMP-123456`) });
    const answer = await house.look(`page of ${FOREIGN} EMP-123456`);
    expect(JSON.stringify(answer)).toContain(FOREIGN);
    const action = answer.kind === 'result' ? answer.action : '';
    expect(await house.body(action, 'arguments')).toBe('{"id":"page of [redacted] [redacted]"}');
    expect(await house.body(action, 'result')).toContain('token [redacted] of [redacted]');
    await expectNowhere();
  });
});
