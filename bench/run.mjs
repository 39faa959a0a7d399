/**
 * `npm run bench [NAME…]`: what is measured, against what (names: decide, mcp, check, log, intake, soak, draft, past, scale, console, people, brake). Installs what Lanyard is
 * compared with the first time. Prints tables; bench/RESULTS.md keeps them with the machine they were measured on.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

const here = import.meta.dirname;
if (!existsSync(join(here, 'node_modules'))) {
  console.error('bench: installing what Lanyard is measured against …');
  const installed = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: here,
    stdio: ['ignore', 2, 2],
  });
  if (installed.status !== 0)
    console.error('bench: not installed; comparisons with other programs are skipped by name');
}
const known = [
  'decide',
  'mcp',
  'check',
  'log',
  'intake',
  'soak',
  'draft',
  'past',
  'scale',
  'console',
  'people',
  'brake',
];
const wanted = process.argv.slice(2);
console.log(
  `${cpus().length} × ${cpus()[0]?.model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`,
);
for (const name of wanted.length > 0 ? wanted : known) {
  if (!known.includes(name))
    throw new Error(`there is no benchmark "${name}"; there are ${known.join(', ')}`);
  console.log(`\n## ${name}`);
  const { run } = await import(join(here, `${name}.ts`));
  for (const line of await run()) console.log(line);
}
