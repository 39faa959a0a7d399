import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Json } from '../../../src/base/json.ts';
import { ROOT } from '../../source-tree.ts';
import type { GovernedInstance } from '../instance.ts';
import { actionOf, ask, startChecked } from './client.ts';

/** docs/formats/authzen.md: each example is sent to a real instance, and answered as the page says. */

interface Example {
  readonly title: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly answer: string;
}

const page = readFileSync(join(ROOT, 'docs/formats/authzen.md'), 'utf8');
const BLOCKS = /```http\n(\w+) (\S+)\n((?:[\w-]+: .*\n)*)\n?([\s\S]*?)```\n\n```json (\d{3})\n([\s\S]*?)```/g;
const EXAMPLES: readonly Example[] = [...page.matchAll(BLOCKS)].map(
  ([, method, path = '', headers = '', body = '', status, answer = ''], i) => ({
    title: `${i + 1}: ${method} ${path} → ${status}`,
    path,
    headers: Object.fromEntries(
      headers
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split(': ') as [string, string]),
    ),
    body,
    status: Number(status),
    answer,
  }),
);

let instance: GovernedInstance;
let first = '';
beforeAll(async () => {
  instance = await startChecked();
});
afterAll(() => instance.stop());

it('has examples for every address and kind of answer', () => {
  expect(EXAMPLES.map(({ path, status }) => `${path} ${status}`)).toEqual([
    '/access/v1/evaluation 200',
    '/access/v1/evaluation 200',
    '/access/v1/evaluation 200',
    '/access/v1/evaluations 200',
    '/access/v1/outcome 200',
    '/access/v1/evaluation 403',
    '/.well-known/authzen-configuration 200',
  ]);
});

it.each(EXAMPLES)('$title', async ({ path, headers, body, status, answer }) => {
  const here = (text: string) =>
    text
      .replaceAll('/srv/w/', `${instance.ground.directory}/workspace/`)
      .replaceAll('http://127.0.0.1:7700', instance.url)
      .replace('the id in the first answer', first);
  const sent = body.trim() === '' ? undefined : (JSON.parse(here(body)) as Json);
  const token = sent === undefined ? null : instance.token;
  const got = await ask(instance, token, path, sent, headers);
  if (first === '') first = actionOf(got.json);
  const shown = JSON.stringify(got.json).replace(/01[0-9A-Z]{24}/g, '01KB3…');
  expect([got.status, JSON.parse(shown)]).toEqual([status, JSON.parse(here(answer))]);
  expect(got.headers.get('content-type')).toBe('application/json');
  expect(got.headers.get('x-request-id')).toBe(headers['X-Request-ID'] ?? null);
});
