import { systemClock } from '../../../src/base/clock.ts';
import { createIds } from '../../../src/base/ids.ts';
import { serveStdio } from '../../../src/doors/mcp/agent-side/stdio.ts';
import { ScriptedCorridor } from './scripted-corridor.ts';

/** A program that a real client can start: the stdio face in front of a scripted corridor. */
const corridor = new ScriptedCorridor();
corridor.script = null;
const face = serveStdio({
  corridor,
  ids: createIds(systemClock),
  clock: systemClock,
  token: 'token-writer',
  from: 'stdio',
  upstream: 'files',
  input: process.stdin,
  output: process.stdout,
  version: '0.0.0-test',
  log: (line) => process.stderr.write(`${line}\n`),
});
await face.ended;
process.exit(0);
