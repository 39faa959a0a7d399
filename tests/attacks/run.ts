// `npm run attacks -- GATEWAY`: the attack table against `lanyard`, `passthrough`, or the gateway that a module starts
// (docs/formats/attacks.md). Prints a line for each row that does not hold, and ends with 1 if there is one.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Gateway } from './attack.ts';
import { startCanary } from './canary.ts';
import { startLanyard } from './lanyard.ts';
import { startPassthrough } from './passthrough.ts';
import { findings } from './play.ts';
import { CLASSES } from './rows/index.ts';

type Start = (canaryUrl: string) => Promise<Gateway>;
const KNOWN: Readonly<Record<string, Start>> = { lanyard: startLanyard, passthrough: startPassthrough };

async function startOf(name: string): Promise<Start> {
  const known = KNOWN[name];
  if (known !== undefined) return known;
  const module = (await import(pathToFileURL(resolve(name)).href)) as { readonly default: Start };
  return module.default;
}

const [name = 'lanyard'] = process.argv.slice(2);
const canary = await startCanary();
const gateway = await (await startOf(name))(canary.url);
try {
  let failed = 0;
  let played = 0;
  for (const { title, rows } of CLASSES) {
    console.log(`\n${title}`);
    for (const attack of rows) {
      const found = await findings(gateway, canary, attack);
      if (found === null) {
        console.log(`  left out  ${attack.id}: this gateway has no such face`);
        continue;
      }
      played++;
      if (found.length === 0) continue;
      failed++;
      console.log(`  FAILS     ${attack.id}: ${attack.tries}\n            ${found.join('\n            ')}`);
    }
  }
  console.log(`\n${played - failed} of ${played} rows hold`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await gateway.stop();
  await canary.stop();
}
