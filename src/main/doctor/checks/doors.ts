import { modern } from '../agent.ts';
import type { Check, Sight } from '../check.ts';
import { arrivalsDuring } from '../laboratory.ts';
import { readSaid, wordsOf } from '../said.ts';
import type { LaboratoryScene } from '../scene.ts';
import { judgeStopped } from '../tries.ts';

/** A web page that was made to resolve to this machine, or embeds its address, is not an agent. */
export const webPages: Check<LaboratoryScene> = {
  id: 'web-pages',
  control: 'Web pages cannot speak to the doors (Host, Origin)',
  async run({ canary, web }) {
    const good = modern('tools/call', { name: 'write', arguments: { text: 'fine' } });
    const tries = [
      ['called under the name of another host', { host: 'evil.example' }, 'BAD_HOST'],
      ['called as a page of another site', { origin: 'https://evil.example' }, 'BAD_ORIGIN'],
      ['called as an address that a page embeds', { 'sec-fetch-site': 'cross-site' }, 'BAD_ORIGIN'],
    ] as const;
    const sights: Sight[] = [];
    for (const [did, headers, code] of tries) {
      const posted = { ...good, headers: { ...good.headers, ...headers } };
      const { value, arrived } = await arrivalsDuring(web, () => canary.post('web', posted));
      sights.push(judgeStopped(did, readSaid(value), arrived.length, [code], 'web, HTTP'));
    }
    return sights;
  },
};

export const floods: Check<LaboratoryScene> = {
  id: 'limits',
  control: 'Limits against floods refuse what is too much',
  async run({ busy, slow, canary, web }) {
    return [await tooOften(busy, web), await tooManyAtOnce(slow, web), await tooLarge(canary, web)];
  },
};

/** Four a minute; nine calls span at most two minutes of the clock. */
async function tooOften(busy: LaboratoryScene['busy'], web: LaboratoryScene['web']): Promise<Sight> {
  const CALLS = 9;
  const { value, arrived } = await arrivalsDuring(web, async () => {
    const codes: string[] = [];
    for (let i = 0; i < CALLS; i++) codes.push((await busy.call('HTTP, 2026-07-28', 'web', 'look', {})).code);
    return codes;
  });
  const refused = value.filter((code) => code === 'TOO_MANY_ATTEMPTS').length;
  return {
    surface: 'web, HTTP',
    did: `called ${CALLS} times with a limit of 4 a minute`,
    saw: `${refused} refused (TOO_MANY_ATTEMPTS), ${arrived.length} reached the server`,
    fired: refused > 0 && arrived.length === CALLS - refused,
  };
}

async function tooManyAtOnce(slow: LaboratoryScene['slow'], web: LaboratoryScene['web']): Promise<Sight> {
  const before = web.answer;
  const gate = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  web.answer = async (call) => {
    arrived.resolve();
    await gate.promise;
    return before(call);
  };
  const first = slow.call('HTTP, 2026-07-28', 'web', 'look', {});
  await Promise.race([arrived.promise, first]);
  web.answer = before;
  const second = await arrivalsDuring(web, () => slow.call('HTTP, 2026-07-28', 'web', 'look', {}));
  gate.resolve();
  await first;
  const did = 'called again while the one call that may run was running';
  return judgeStopped(did, second.value, second.arrived.length, ['TOO_MANY_IN_FLIGHT'], 'web, HTTP');
}

async function tooLarge(canary: LaboratoryScene['canary'], web: LaboratoryScene['web']): Promise<Sight> {
  const posted = modern('tools/call', { name: 'write', arguments: { text: 'x'.repeat(5_000_000) } });
  const { value, arrived } = await arrivalsDuring(web, () => canary.post('web', posted));
  const said = readSaid(value);
  return {
    surface: 'web, HTTP',
    did: 'sent five million bytes',
    saw: wordsOf(said),
    fired: value.status === 413 && arrived.length === 0,
  };
}
