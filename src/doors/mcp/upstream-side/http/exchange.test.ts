import { expect, test } from 'vitest';
import { heldBytes } from '../../../../../tests/held-bytes.ts';
import { Exchange, type ExchangeEnd } from './exchange.ts';

/** Stands in for undici's side of one request. */
function controller() {
  const reasons: Error[] = [];
  return {
    reasons,
    aborted: false,
    paused: false,
    reason: null,
    pause: () => {},
    resume: () => {},
    abort: (reason: Error) => {
      reasons.push(reason);
    },
  };
}

function exchangeWith(admit: () => boolean) {
  const ends: ExchangeEnd[] = [];
  const exchange = new Exchange({ admit, onMessage: () => {}, onEnd: (end) => ends.push(end) }, 'far', {
    messageBytes: 100,
    streamBytes: 100,
  });
  return { exchange, ends };
}

test('what undici would start a second time is stopped there, without a second look', () => {
  let looks = 0;
  const { exchange } = exchangeWith(() => {
    looks++;
    return true;
  });
  const [first, second] = [controller(), controller()];
  exchange.onRequestStart(first);
  exchange.onRequestStart(second);
  expect([first.reasons.length, second.reasons.length, looks]).toEqual([0, 1, 1]);
});

test('what was aborted before it started does not start', () => {
  const { exchange, ends } = exchangeWith(() => true);
  exchange.abort();
  const late = controller();
  exchange.onRequestStart(late);
  expect(late.reasons).toHaveLength(1);
  expect(ends).toEqual([{ kind: 'broken', code: 'aborted' }]);
});

test('an informational status is no answer, and the end is told once', () => {
  const { exchange, ends } = exchangeWith(() => true);
  const one = controller();
  exchange.onRequestStart(one);
  exchange.onResponseStart(one, 103, { 'content-type': 'text/html' });
  exchange.onResponseStart(one, 202, {});
  exchange.onResponseEnd();
  exchange.onResponseError(one, new Error('late'));
  expect(ends).toEqual([{ kind: 'complete', status: 202 }]);
});

test('an answer in chunks of one byte takes hardly more room than its bytes', () => {
  const limits = { messageBytes: 1_000_000, streamBytes: 1_000_000 };
  const said: unknown[] = [];
  const onMessage = (message: unknown) => said.push(message);
  const exchange = new Exchange({ admit: () => true, onMessage, onEnd: () => {} }, 'far', limits);
  const one = controller();
  exchange.onRequestStart(one);
  exchange.onResponseStart(one, 200, { 'content-type': 'application/json' });
  const before = heldBytes();
  for (let i = 0; i < 200_000; i++) exchange.onResponseData(one, Buffer.from(' '));
  // One Buffer for each would be 40 MB.
  expect(heldBytes() - before).toBeLessThan(8_000_000);
  exchange.onResponseEnd();
  expect(said).toHaveLength(1);
});
