import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SURFACES } from '../agent.ts';
import type { CanaryAnswer, CanaryServer } from '../canary-server.ts';
import type { Check, Sight } from '../check.ts';
import type { LaboratoryScene } from '../scene.ts';
import { formsOf, foundIn } from '../secret-forms.ts';

/** Answers that tell a secret in every form, each in its own way. */
function tellers(secret: string): readonly (readonly [string, () => CanaryAnswer])[] {
  const forms = formsOf(secret);
  const content = Object.values(forms).map((text) => ({ type: 'text', text }));
  return [
    ['a result', () => ({ result: { content, structuredContent: { forms, [secret]: 1 } } })],
    ['a failed result', () => ({ result: { content, isError: true } })],
    ['an error', () => ({ error: { code: -32000, message: Object.values(forms).join(' '), data: forms } })],
  ];
}

export const secrets: Check<LaboratoryScene> = {
  id: 'secrets',
  control: 'Secrets of the configuration do not come back',
  async run({ sibling, hub, canary, web, pipe, secrets: { header, variable } }) {
    const sights: Sight[] = [];
    hub.stderrLine = Object.values(formsOf(variable)).join(' ');
    for (const [server, secret] of [
      [web, header],
      [pipe, variable],
    ] as const)
      sights.push(...(await tellEverything(canary, server, secret)));
    hub.stderrLine = null;
    const received = {
      web: String(hub.headers.get('laboratory-web')?.authorization).includes(header),
      pipe: hub.pipeFacts.some(({ environment }) => environment['CANARY_SECRET'] === variable),
    };
    sights.push({
      surface: 'both servers',
      did: 'looked whether each was given its secret at all',
      saw: received.web && received.pipe ? 'both were' : 'not both were, so the rest proves little',
      fired: received.web && received.pipe,
    });
    sights.push(
      searchState(sibling.directory, [header, variable]),
      searchText(sibling.stderr, [header, variable]),
    );
    return sights;
  },
};

async function tellEverything(
  canary: LaboratoryScene['canary'],
  server: CanaryServer,
  secret: string,
): Promise<Sight[]> {
  const sights: Sight[] = [];
  const before = server.answer;
  for (const [what, answer] of tellers(secret)) {
    server.answer = answer;
    for (const surface of SURFACES) {
      const said = await canary.call(surface, server.id, 'look', {});
      const found = foundIn(said.text, secret);
      sights.push({
        surface: `${server.id}, ${surface}`,
        did: `had the server tell its secret in ${what}, in ${Object.keys(formsOf(secret)).length} encodings`,
        saw:
          found.length === 0
            ? `the agent heard none of them (${said.kind})`
            : `the agent heard it: ${found.join(', ')}`,
        fired: found.length === 0 && said.kind !== 'nothing',
      });
    }
  }
  server.answer = before;
  return sights;
}

function searchState(directory: string, all: readonly string[]): Sight {
  const state = join(directory, 'state');
  const names = readdirSync(state).filter((name) => statSync(join(state, name)).isFile());
  const found = names.filter((name) => {
    const text = readFileSync(join(state, name), 'utf8');
    return all.some((secret) => foundIn(text, secret).length > 0);
  });
  return {
    surface: 'the log and all else in the state',
    did: `searched ${names.length} files for both, in every encoding`,
    saw: found.length === 0 ? 'found neither' : `found in ${found.join(', ')}`,
    fired: found.length === 0,
  };
}

function searchText(stderr: string, all: readonly string[]): Sight {
  const found = all.some((secret) => foundIn(stderr, secret).length > 0);
  return {
    surface: "the instance's own messages",
    did: 'had a server write its secret to stderr, and searched what the instance says',
    saw: found ? 'it was there' : 'found nothing',
    fired: !found,
  };
}

/** A server is given what its own configuration names and nothing else. */
export const environment: Check<LaboratoryScene> = {
  id: 'environment',
  control: 'A server is given no secret but its own',
  async run({ hub, secrets: { poison, header } }) {
    const given = new Set(['PATH', 'HOME', 'LANG', 'TMPDIR', 'CANARY_SECRET']);
    // What the shell that stands in for the server sets by itself.
    const shells = new Set(['PWD', 'OLDPWD', 'SHLVL', '_']);
    const own = hub.pipeFacts.filter(({ server }) => server === 'laboratory-pipe');
    const names = new Set(own.flatMap(({ environment: variables }) => Object.keys(variables)));
    const more = [...names].filter((name) => !given.has(name) && !shells.has(name));
    const values = own.flatMap(({ environment: variables }) => Object.values(variables));
    const leaked = values.some((value) => value.includes(poison) || value.includes(header));
    return [
      {
        surface: 'pipe, its environment',
        did: `looked at the environment of ${own.length} server processes`,
        saw: more.length === 0 && !leaked ? 'nothing in it but its own' : `also in it: ${more.join(', ')}`,
        fired: own.length > 0 && more.length === 0 && !leaked,
      },
    ];
  },
};

export const redirects: Check<LaboratoryScene> = {
  id: 'redirects',
  control: 'A server cannot send its secret elsewhere by a redirect',
  async run({ hub, canary, web }) {
    const before = web.answer;
    const strays = hub.strays;
    web.answer = () => ({ redirect: hub.url('elsewhere') });
    const said = await canary.call('HTTP, 2026-07-28', 'web', 'look', {});
    web.answer = before;
    const followed = hub.strays - strays;
    return [
      {
        surface: 'web',
        did: 'had the server redirect a call to another address',
        saw: followed === 0 ? `it was not followed (${said.kind})` : 'it was followed',
        fired: followed === 0 && said.kind !== 'ok',
      },
    ];
  },
};
