import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CanaryAgent, type Surface } from '../agent.ts';
import type { CanaryServer } from '../canary-server.ts';
import type { Check, Sight } from '../check.ts';
import { arrivalsDuring } from '../laboratory.ts';
import { wordsOf } from '../said.ts';
import type { LaboratoryScene } from '../scene.ts';

const ONE_EACH: readonly Surface[] = ['HTTP, 2026-07-28', 'HTTP, 2025-11-25', 'stdio, 2025-11-25'];

/** A call with a token that must not open anything: HTTP 401, and nothing at the server. */
async function mustBeNobody(did: string, agent: CanaryAgent, server: CanaryServer): Promise<Sight[]> {
  const sights: Sight[] = [];
  for (const surface of ONE_EACH) {
    const { value, arrived } = await arrivalsDuring(server, async () => {
      // An older session cannot be opened without a token: that refusal is the one that counts.
      if (surface !== 'HTTP, 2025-11-25') return agent.call(surface, server.id, 'write', { text: 'fine' });
      const body =
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}';
      const { status, text } = await agent.post(server.id, { headers: {}, body });
      return { kind: 'refused', code: '', status, text } as const;
    });
    sights.push({
      surface: `${server.id}, ${surface}`,
      did,
      saw: `HTTP ${value.status}; ${arrived.length === 0 ? 'nothing reached the server' : 'it reached the server'}`,
      fired: value.status === 401 && arrived.length === 0,
    });
  }
  return sights;
}

export const strangers: Check<LaboratoryScene> = {
  id: 'strangers',
  control: 'Without a right token nobody comes in',
  async run({ sibling, web, canary }) {
    const wrong = `${canary.token.slice(0, -4)}AAAA`;
    return [
      ...(await mustBeNobody(
        'called with a token of which the end is wrong',
        new CanaryAgent(sibling.url, wrong),
        web,
      )),
      ...(await mustBeNobody(
        'called with a word that is no token',
        new CanaryAgent(sibling.url, 'nobody'),
        web,
      )),
      await withoutAny(canary, web),
    ];
  },
};

async function withoutAny(canary: CanaryAgent, web: CanaryServer): Promise<Sight> {
  const { value, arrived } = await arrivalsDuring(web, () =>
    canary.post('web', { headers: { authorization: undefined }, body: '{}' }),
  );
  const fired = value.status === 401 && arrived.length === 0;
  return { surface: 'web, HTTP', did: 'called without a token', saw: `HTTP ${value.status}`, fired };
}

export const expiredToken: Check<LaboratoryScene> = {
  id: 'token-expiry',
  control: 'A token that has expired opens nothing',
  async run({ sibling, web }) {
    const ttlMs = 300;
    const agent = new CanaryAgent(sibling.url, await sibling.token('canary', ttlMs));
    await pause(ttlMs + 50);
    return mustBeNobody('called with a token whose time is over', agent, web);
  },
};

export const revokedToken: Check<LaboratoryScene> = {
  id: 'token-revocation',
  control: 'A token that was revoked opens nothing',
  async run({ sibling, web }) {
    const agent = new CanaryAgent(sibling.url, await sibling.token('other'));
    const before = await agent.call('HTTP, 2026-07-28', 'web', 'write', { text: 'fine' });
    await sibling.tell('POST /v1/revoke', { agent: 'other' });
    const sights = await mustBeNobody('called with a token that was revoked just before', agent, web);
    if (before.kind === 'ok') return sights;
    return [
      { surface: 'web', did: 'called with a new token', saw: wordsOf(before), fired: false },
      ...sights,
    ];
  },
};

export const otherNames: Check<LaboratoryScene> = {
  id: 'other-names',
  control: "One agent's token and sessions are of no use to another",
  async run({ sibling, canary, web }) {
    const other = new CanaryAgent(sibling.url, await sibling.token('other'));
    const session = await canary.session('web');
    const { value, arrived } = await arrivalsDuring(web, () =>
      other.post('web', {
        headers: { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' },
        body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"write","arguments":{"text":"fine"}}}',
      }),
    );
    const upgraded = await other.upgrade('web', 'canary');
    const named = 'status' in upgraded ? upgraded.status : 101;
    if (!('status' in upgraded)) upgraded.destroy();
    return [
      {
        surface: 'web, HTTP, 2025-11-25',
        did: "called in another agent's session",
        saw: `HTTP ${value.status}; ${arrived.length === 0 ? 'nothing reached the server' : 'it reached the server'}`,
        fired: value.status === 404 && session !== '' && arrived.length === 0,
      },
      {
        surface: 'web, stdio',
        did: "said another agent's name with its own token",
        saw: `HTTP ${named}`,
        fired: named === 401,
      },
    ];
  },
};

export const storedTokens: Check<LaboratoryScene> = {
  id: 'stored-tokens',
  control: 'Tokens are stored nowhere, and the state is open to its owner alone',
  async run({ sibling, canary, still }) {
    const state = join(sibling.directory, 'state');
    const names = readdirSync(state);
    const files = names.filter((name) => statSync(join(state, name)).isFile());
    const holding = files.filter((name) => {
      const bytes = readFileSync(join(state, name));
      return [canary, still].some(({ token }) => bytes.includes(token));
    });
    const open = ['', ...names].filter((name) => (statSync(join(state, name)).mode & 0o077) !== 0);
    return [
      {
        surface: 'the state directory',
        did: `searched ${files.length} files for two tokens in use`,
        saw: holding.length === 0 ? 'found neither' : `found one in ${holding.join(', ')}`,
        fired: holding.length === 0,
      },
      {
        surface: 'the state directory',
        did: 'looked who may open it and what lies in it, the operator socket included',
        saw:
          open.length === 0
            ? 'its owner alone'
            : `others too: ${open.map((name) => name || 'the directory').join(', ')}`,
        fired: open.length === 0,
      },
    ];
  },
};
