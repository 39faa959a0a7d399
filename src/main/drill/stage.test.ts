import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SECRET, TestHouse } from '../../../tests/faults/test-house.ts';
import type { Agent } from '../../model/agent.ts';
import { raiseStage } from './stage.ts';

let its: TestHouse;
let writer: Agent;
beforeAll(async () => {
  its = await TestHouse.open();
  const found = its.house.standing.inForce.agents.get('writer');
  if (found === undefined) throw new Error('there is no writer');
  writer = found;
});
afterAll(() => its.close());

const around = () => ({
  configPath: join(its.directory, 'lanyard.yaml'),
  state: join(its.directory, 'state'),
  environment: { BOX_KEY: SECRET },
});
/** What listens in this process, and the directories of stages. */
const standing = () => ({
  servers: process.getActiveResourcesInfo().filter((name) => /^(TCP|Pipe)(Server|Socket)Wrap$/.test(name)),
  directories: readdirSync(tmpdir()).filter((name) => name.startsWith('lanyard-doctor-')),
});

test('of a stage that cannot be set up nothing stays', async () => {
  const before = standing();
  await expect(raiseStage(its.house, around(), { ...writer, purpose: '' })).rejects.toThrow('purpose');
  await expect.poll(standing).toEqual(before);
});

test('of a stage that has ended nothing stays', async () => {
  const before = standing();
  const raised = await raiseStage(its.house, around(), writer);
  if (!raised.ok) throw new Error(raised.error);
  expect(standing()).not.toEqual(before);
  await raised.value.end();
  await expect.poll(standing).toEqual(before);
});
