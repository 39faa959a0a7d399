import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Check } from '../check.ts';
import type { LaboratoryScene } from '../scene.ts';
import { mustNotPass } from '../tries.ts';

const SIGNAL_MS = 300;

export const debuggers: Check<LaboratoryScene> = {
  id: 'debugger',
  control: 'Nobody opens a debugger in the instance, or loads code into it',
  async run({ sibling, ground }) {
    process.kill(sibling.pid, 'SIGUSR1');
    await pause(SIGNAL_MS);
    const listening = /Debugger listening/.test(sibling.stderr);
    const intruded = existsSync(ground.path('intruder-ran'));
    return [
      {
        surface: 'its process',
        did: 'sent SIGUSR1, which opens a debugger in a common Node process',
        saw: listening
          ? 'a debugger listens'
          : `none listens; the instance ${sibling.alive ? 'runs on' : 'ended'}`,
        fired: !listening && sibling.alive,
      },
      {
        surface: 'its process',
        did: 'started it with NODE_OPTIONS that load a program',
        saw: intruded ? 'the program ran' : 'the program did not run',
        fired: !intruded,
      },
    ];
  },
};

export const editedFiles: Check<LaboratoryScene> = {
  id: 'edited-files',
  control: 'An edited file changes nothing by itself',
  async run({ sibling, canary, web }) {
    const path = join(sibling.directory, 'rules.cedar');
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, '@id("all") @need("none") permit (principal, action, resource);\n');
    const base = { agent: canary, surface: 'HTTP, 2026-07-28', server: web, tool: 'write' } as const;
    const still = await mustNotPass(
      'permitted everything in the file, then called what is forbidden',
      { ...base, args: { text: 'forbidden' } },
      ['FORBIDDEN'],
    );
    const { json } = await sibling.tell('POST /v1/apply', { dryRun: true });
    writeFileSync(path, before);
    const shown = JSON.stringify(json['changes'] ?? '').includes('rules.cedar');
    return [
      still,
      {
        surface: 'apply --dry-run',
        did: 'asked how the files differ',
        saw: shown ? 'the edit is shown' : 'the edit is not shown',
        fired: shown,
      },
    ];
  },
};

export const secondStart: Check<LaboratoryScene> = {
  id: 'second-start',
  control: 'Two instances never share a state',
  async run({ sibling }) {
    const { code, stderr } = await sibling.run(['up']);
    const said = stderr.trim().split('\n').at(-1) ?? '';
    return [
      {
        surface: 'the state',
        did: 'started a second one on it',
        saw: `exit ${code}: ${said}`,
        fired: code === 1 && sibling.alive,
      },
    ];
  },
};
