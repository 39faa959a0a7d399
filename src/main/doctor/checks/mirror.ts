import type { JsonObject } from '../../../base/json.ts';
import { LIMITS } from '../../../base/limits.ts';
import type { Agent } from '../../../model/agent.ts';
import { compileInForce, type InForce } from '../../../pipeline/in-force.ts';
import { type CanaryAgent, SURFACES, type Surface } from '../agent.ts';
import type { CanaryServer } from '../canary-server.ts';
import type { Candidate, Candidates } from '../candidates.ts';
import { type Check, type Sight, untried } from '../check.ts';
import type { Examined } from '../examined.ts';
import type { Mirror } from '../mirror.ts';
import { formsOf, foundIn } from '../secret-forms.ts';
import { mustNotPass, mustPass } from '../tries.ts';

/** What the checks of the mirror have before them. */
export interface MirrorScene extends Mirror {
  readonly examined: Examined;
  /** A canary in the place of an agent, with a token of its own: what another has read marks it with nothing. */
  canaryOf(agent: string): Promise<CanaryAgent>;
  readonly candidates: Candidates;
}

interface Pair {
  readonly agent: Agent;
  readonly canary: CanaryAgent;
  readonly server: CanaryServer;
  readonly surfaces: readonly Surface[];
}

const HTTP: readonly Surface[] = ['HTTP, 2026-07-28', 'HTTP, 2025-11-25'];
const FIRST: Surface = 'HTTP, 2026-07-28';

/** Every agent and every server; stdio too for the first of them, for each costs a connection or two. */
function pairsOf({ examined, servers }: MirrorScene): Omit<Pair, 'canary'>[] {
  const agents = [...examined.files.inForce.agents.values()];
  return agents
    .flatMap((agent) => [...servers.values()].map((server) => ({ agent, server })))
    .map((pair, i) => ({ ...pair, surfaces: i < LIMITS.doctorFullPairs ? SURFACES : HTTP }));
}

/** The pairs that one run has time for, and what to say of the others. */
async function withinTime(scene: MirrorScene): Promise<{ pairs: Pair[]; rest: Sight[] }> {
  const all = pairsOf(scene);
  const pairs: Pair[] = [];
  for (const pair of all.slice(0, LIMITS.doctorPairs))
    pairs.push({ ...pair, canary: await scene.canaryOf(pair.agent.id) });
  const more = all.length - pairs.length;
  const rest =
    more === 0 ? [] : [untried(`${more} more pairs of agent and server`, '', 'one run has no time for them')];
  return { pairs, rest };
}

const place = ({ agent, server }: Pair, surface: Surface): string => `${agent.id} → ${server.id}, ${surface}`;

function describe({ tool, args }: Candidate): string {
  const text = JSON.stringify(args);
  return `${tool} ${text.length > 70 ? `${text.slice(0, 69)}…` : text}`;
}

export const sameRules: Check<MirrorScene> = {
  id: 'your-rules',
  control: 'The rules that were tried are the rules in force',
  async run({ sibling, examined, leftOut }) {
    const { json } = await sibling.tell('GET /v1/status');
    const expected = rulesWithout(examined, [...leftOut.keys()]);
    const same = expected !== null && json['policy'] === expected.digest;
    const sight = {
      surface: 'the digest of rules and schemas',
      did: "compared the sibling's with the one in force",
      saw: same
        ? `the same: ${expected.digest.slice(0, 19)}…, ${expected.rules.length} rules`
        : 'another digest',
      fired: same,
    };
    const rest = [...leftOut].map(([id, why]) => untried(id, '', `${why}; rules about it were not tried`));
    return [sight, ...rest];
  },
};

/** The rules in force as they would be had these servers never been connected; null where that cannot be compiled. */
function rulesWithout({ files }: Examined, servers: readonly string[]): InForce['policy'] | null {
  if (servers.every((id) => !files.pins.knows(id))) return files.inForce.policy;
  const inForce = compileInForce(files.resolved.parts, files.pins.without(servers), 'hide');
  return inForce.ok ? inForce.value.policy : null;
}

export const yourAllowed: Check<MirrorScene> = {
  id: 'your-allowed',
  control: 'What your rules allow passes',
  async run(scene) {
    const { pairs, rest } = await withinTime(scene);
    const sights: Sight[] = [];
    for (const pair of pairs) {
      const found = scene.candidates
        .of(pair.agent, pair.server.id)
        .find(({ expected }) => expected === 'allow');
      if (found === undefined) {
        sights.push(
          untried(
            `${pair.agent.id} → ${pair.server.id}`,
            '',
            'your rules allow nothing there that doctor could think of',
          ),
        );
        continue;
      }
      for (const surface of pair.surfaces) {
        const call = { agent: pair.canary, surface, server: pair.server, tool: found.tool, args: found.args };
        sights.push(await mustPass(`called ${describe(found)}`, call, place(pair, surface)));
      }
    }
    return [...sights, ...rest, ...untriedOf(scene)];
  },
};

export const yourDenied: Check<MirrorScene> = {
  id: 'your-denied',
  control: 'What your rules do not allow does not reach the server',
  async run(scene) {
    const { pairs, rest } = await withinTime(scene);
    const sights: Sight[] = [];
    for (const pair of pairs) {
      const stopped = oneOfEachCode(scene.candidates.of(pair.agent, pair.server.id));
      if (stopped.length === 0)
        sights.push(
          untried(
            `${pair.agent.id} → ${pair.server.id}`,
            '',
            'your rules stop nothing there that doctor could think of',
          ),
        );
      for (const one of stopped)
        for (const surface of pair.surfaces) {
          const call = { agent: pair.canary, surface, server: pair.server, tool: one.tool, args: one.args };
          const codes = one.code === 'APPROVAL_UNAVAILABLE' ? [one.code, 'APPROVAL_PENDING'] : [one.code];
          const by = one.rules.length === 0 ? '' : ` [${one.rules.join(', ')}]`;
          sights.push(await mustNotPass(`called ${describe(one)}${by}`, call, codes, place(pair, surface)));
        }
    }
    return [...sights, ...rest];
  },
};

function oneOfEachCode(candidates: readonly Candidate[]): Candidate[] {
  const byCode = new Map<string, Candidate>();
  for (const one of candidates)
    if (one.expected !== 'allow' && !byCode.has(one.code)) byCode.set(one.code, one);
  return [...byCode.values()];
}

function untriedOf({ leftOut }: MirrorScene): Sight[] {
  return [...leftOut].map(([id, why]) => untried(id, '', why));
}

export const yourPins: Check<MirrorScene> = {
  id: 'your-pins',
  control: 'A changed definition of each of your servers is hidden and denied',
  async run(scene) {
    const sights: Sight[] = [];
    const [agent] = [...scene.examined.files.inForce.agents.values()].filter(
      (one) => scene.examined.files.halt.refusal(one) === null,
    );
    const canary = agent === undefined ? undefined : await scene.canaryOf(agent.id);
    for (const server of scene.servers.values()) {
      const [generation] = server.offers.keys();
      const offer = generation === undefined ? undefined : server.offers.get(generation);
      const tool = offer?.tools[0];
      if (canary === undefined || generation === undefined || offer === undefined || tool === undefined) {
        sights.push(
          untried(server.id, '', canary === undefined ? 'no agent may run now' : 'it offers no tools'),
        );
        continue;
      }
      const before = new Map(server.offers);
      for (const [each, whole] of before)
        server.offers.set(each, { ...whole, tools: whole.tools.map((one) => changed(one, tool)) });
      const name = String(tool['name']);
      for (const surface of HTTP) {
        const shown = await canary.tools(surface, server.id);
        const call = { agent: canary, surface, server, tool: name, args: {} };
        const denied = await mustNotPass(
          `changed what ${name} says of itself, and called it`,
          call,
          ['PIN_CHANGED'],
          `${server.id}, ${surface}`,
        );
        const hidden = !shown.includes(name);
        sights.push(hidden ? denied : { ...denied, saw: `${denied.saw}; it was still listed`, fired: false });
      }
      for (const [each, whole] of before) server.offers.set(each, whole);
      for (const surface of HTTP) await canary.tools(surface, server.id);
    }
    return sights;
  },
};

function changed(one: JsonObject, tool: JsonObject): JsonObject {
  return one['name'] === tool['name'] ? { ...one, description: 'It says something else now' } : one;
}

export const yourLevels: Check<MirrorScene> = {
  id: 'your-levels',
  control: 'Each of your agents can be stopped',
  async run(scene) {
    const { pairs, rest } = await withinTime(scene);
    const sights: Sight[] = [];
    for (const { agent, canary, server } of pairs) {
      const [any] = scene.candidates.of(agent, server.id);
      if (any === undefined) {
        sights.push(
          untried(`${agent.id} → ${server.id}`, '', 'doctor could think of no call that fits its schemas'),
        );
        continue;
      }
      await scene.sibling.tell('POST /v1/stop', { scope: `agent:${agent.id}`, level: 'frozen' });
      const call = { agent: canary, surface: FIRST, server, tool: any.tool, args: any.args };
      sights.push(
        await mustNotPass(
          `stopped it, and called ${any.tool}`,
          call,
          ['FROZEN'],
          `${agent.id} → ${server.id}`,
        ),
      );
      await scene.sibling.tell('POST /v1/release', { scope: `agent:${agent.id}`, why: 'doctor goes on' });
    }
    return [...sights, ...rest];
  },
};

export const yourSecrets: Check<MirrorScene> = {
  id: 'your-secrets',
  control: 'Each secret of your configuration is scrubbed from what its server answers',
  async run(scene) {
    const sights: Sight[] = [];
    for (const [id, all] of scene.secrets) {
      const server = scene.servers.get(id);
      if (server === undefined || all.length === 0) continue;
      const passing = [...scene.examined.files.inForce.agents.values()].flatMap((agent) => {
        const one = scene.candidates.of(agent, id).find(({ expected }) => expected === 'allow');
        return one === undefined ? [] : [{ one, agent }];
      })[0];
      if (passing === undefined) {
        sights.push(untried(id, '', 'no agent may call it, so it cannot answer'));
        continue;
      }
      const before = server.answer;
      const content = all.flatMap((secret) =>
        Object.values(formsOf(secret)).map((text) => ({ type: 'text', text })),
      );
      server.answer = () => ({ result: { content } });
      const canary = await scene.canaryOf(passing.agent.id);
      const said = await canary.call(FIRST, id, passing.one.tool, passing.one.args);
      server.answer = before;
      const found = all.filter((secret) => foundIn(said.text, secret).length > 0).length;
      sights.push({
        surface: id,
        did: `had it answer the ${all.length} canary secrets that stand in the place of its own`,
        saw: found === 0 ? `the agent heard none of them (${said.kind})` : `the agent heard ${found}`,
        fired: found === 0 && said.kind === 'ok',
      });
    }
    const which = scene.leftOut.size === 0 ? 'them' : 'those that could be mirrored';
    return sights.length > 0 ? sights : [untried('your servers', '', `none of ${which} is given a secret`)];
  },
};
