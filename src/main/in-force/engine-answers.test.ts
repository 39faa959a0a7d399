import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { createSigner, type Signer } from '../../ledger/signer.ts';
import { WORLD } from '../../policy/sample-world.ts';

/** A process that has asked the engine nothing yet: answers are kept by process. */
async function newProcess() {
  vi.resetModules();
  const { keepAnswersAt, recallAnswers } = await import('./engine-answers.ts');
  const { loadPolicies } = await import('../../policy/load.ts');
  const { withoutEngine } = await import('../../policy/engine/engine-answers.ts');
  const load = () => loadPolicies([{ name: 'a.cedar', text: RULES }], WORLD);
  return {
    load,
    loadsByItself: () => withoutEngine(load),
    recall: (signer: Signer) => recallAnswers(signer, path),
    keep: (signer: Signer) => keepAnswersAt(signer, path).end(),
  };
}

const RULES = `@id("a") @need("x") permit (principal, action in Action::"risk:read", resource) when { context.system.door == "mcp" };
@id("b") forbid (principal, action, resource) when { context.input has n && context.input.n > 7 };`;
const directory = mkdtempSync(join(tmpdir(), 'lanyard-answers-'));
const path = join(directory, 'answers');
const signer = createSigner('lanyard/test');
afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(async () => {
  const first = await newProcess();
  expect(first.load().ok).toBe(true);
  await first.keep(signer);
});

test('rules that the engine knew are in force after a restart without it, and the same', async () => {
  const next = await newProcess();
  expect(next.loadsByItself()).toBeNull();
  expect(next.recall(signer)).toBe(true);
  const loaded = next.loadsByItself();
  const asked = (await newProcess()).load();
  if (loaded?.ok !== true || !asked.ok) throw new Error('the rules were refused');
  expect(loaded.value.digest).toBe(asked.value.digest);
  expect(loaded.value.warnings).toEqual(asked.value.warnings);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test.each([
  [
    'one number in a condition is another',
    (text: string) => text.replace('"Long":7', '"Long":8').replace('"Value":7', '"Value":8'),
  ],
  ['it is cut off', (text: string) => text.slice(0, -5)],
  ['it is empty', () => ''],
  ['it is for another engine', (text: string) => text.replace(/with [\d.]+/, 'with 1.0.0')],
])('P2: where %s, none of it is taken and the engine is asked', async (_, change) => {
  const text = readFileSync(path, 'utf8');
  expect(change(text)).not.toBe(text);
  writeFileSync(path, change(text));
  const next = await newProcess();
  expect(next.recall(signer)).toBe(false);
  expect(next.loadsByItself()).toBeNull();
});

test('P2: what another key signed is not taken', async () => {
  const next = await newProcess();
  expect(next.recall(createSigner('lanyard/test'))).toBe(false);
  expect(next.loadsByItself()).toBeNull();
});
