import { createRequire } from 'node:module';
import type * as CedarWasm from '@cedar-policy/cedar-wasm/nodejs';
import { loadPolicies, type PolicyRequest, type PolicySet } from '../src/policy/index.ts';
import { fewAble, manyAble, type RuleSet } from './decide/rule-sets.ts';

/**
 * One decision by our compiled rules, by the official Cedar engine (`statefulIsAuthorized`), and by the peer's
 * `PolicyEngine.evaluatePolicy`, on the same rules and request. Paired: in each round every engine runs in turn; the
 * medians of the rounds are printed. Building the request is part of what is measured, for all three.
 */
const ROUNDS = 11;
const ROUND_MS = 60;
const WARM_UP = 3;
const PEER = '@microsoft/agent-governance-sdk';

interface Contender {
  readonly name: string;
  readonly decide: () => boolean;
}

export async function run(): Promise<string[]> {
  const sets = [fewAble(10), fewAble(100), fewAble(1000), manyAble(10), manyAble(100), manyAble(1000)];
  const lines = [
    '| rules | able to match | ours µs | cedar-wasm µs | ratio | peer µs | ratio |',
    '|---|---|---|---|---|---|---|',
  ];
  for (const set of sets) lines.push(measureSet(set));
  if (loadPeer() === undefined)
    lines.push(`${PEER} is not installed (npm ci in bench/), so it was not measured.`);
  lines.push(
    'The peer knows no `like` and no groups: its rules compare with == and one team, which is easier.',
  );
  return lines;
}

function measureSet(rules: RuleSet): string {
  const loaded = loadPolicies([{ name: 'bench.cedar', text: rules.cedar }], rules.world);
  if (!loaded.ok) throw new Error(loaded.error.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  const set = loaded.value;
  const contenders = [ours(set, rules), official(set, rules), peer(rules)].filter(
    (each) => each !== undefined,
  );
  for (const { name, decide } of contenders)
    if (!decide()) throw new Error(`${name} does not allow what the others allow (${rules.name})`);
  const [own, wasm, other] = medians(contenders);
  const able = set.explain(rules.request()).targets[0]?.considered.length ?? 0;
  const ratio = (theirs: number | undefined) =>
    own === undefined || theirs === undefined
      ? ['–', '–']
      : [theirs.toFixed(1), `${(theirs / own).toFixed(0)}×`];
  return `| ${[rules.name, able, own?.toFixed(2), ...ratio(wasm), ...ratio(other)].join(' | ')} |`;
}

function ours(set: PolicySet, rules: RuleSet): Contender {
  return { name: 'Lanyard', decide: () => set.decide(rules.request()).decision === 'allow' };
}

/** Asked in its fastest form: without a schema, with the entities that this request needs and no others. */
function official(set: PolicySet, rules: RuleSet): Contender {
  const cedar: typeof CedarWasm = createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs');
  const parsed = cedar.preparsePolicySet('bench', {
    staticPolicies: Object.fromEntries(set.rules.map(({ id, text }) => [id, text])),
  });
  if (parsed.type === 'failure') throw new Error('the official engine does not take these rules');
  const now = '2026-11-18T11:06:40.000Z';
  return {
    name: 'cedar-wasm',
    decide: () => {
      const request = rules.request();
      const answer = cedar.statefulIsAuthorized(engineCall(request, rules, now));
      return answer.type === 'success' && answer.response.decision === 'allow';
    },
  };
}

function engineCall(
  request: PolicyRequest,
  rules: RuleSet,
  now: string,
): CedarWasm.StatefulAuthorizationCall {
  const [target] = request.targets;
  const agent = rules.world.agents.find(({ id }) => id === request.agent);
  const operation = rules.world.operations.find(({ id }) => id === request.operation);
  if (target === undefined || agent === undefined || operation === undefined)
    throw new Error('no such request');
  const uid = (type: string) => (id: string) => ({ type, id });
  const { system } = request;
  const context = {
    input: request.arguments,
    system: {
      now: { __extn: { fn: 'datetime', arg: now } },
      session: system.session,
      door: system.door,
      marks: [],
    },
  };
  return {
    preparsedPolicySetId: 'bench',
    principal: uid('Agent')(agent.id),
    action: uid('Action')(operation.id),
    resource: { type: target.type, id: target.id },
    context: context as CedarWasm.Context,
    entities: [
      {
        uid: uid('Agent')(agent.id),
        attrs: { owner: { __entity: uid('Person')(agent.owner) }, level: request.level },
        parents: agent.teams.map(uid('Team')),
      },
      { uid: uid('Action')(operation.id), attrs: {}, parents: operation.groups.map(uid('Action')) },
      { uid: { type: target.type, id: target.id }, attrs: target.attributes, parents: [...target.ancestors] },
    ],
  };
}

interface PeerEngine {
  loadPolicy(policy: unknown): void;
  evaluatePolicy(agent: string, context: Record<string, unknown>): { readonly allowed: boolean };
}

function loadPeer(): { readonly PolicyEngine: new (...args: unknown[]) => PeerEngine } | undefined {
  try {
    return createRequire(import.meta.url)(PEER);
  } catch {
    return undefined;
  }
}

function peer(rules: RuleSet): Contender | undefined {
  const found = loadPeer();
  if (found === undefined) return undefined;
  const engine = new found.PolicyEngine([], 'deny_overrides');
  engine.loadPolicy({ name: 'bench', scope: 'global', default_action: 'deny', rules: rules.peer });
  return { name: PEER, decide: () => engine.evaluatePolicy('writer', rules.peerContext()).allowed };
}

/** Microseconds per decision, each the median over the rounds. */
function medians(contenders: readonly Contender[]): number[] {
  const samples = contenders.map((): number[] => []);
  for (let round = 0; round < WARM_UP; round++) for (const { decide } of contenders) timeUs(decide);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, { decide }] of contenders.entries()) samples[i]?.push(timeUs(decide));
  return samples.map((each) => each.sort((a, b) => a - b)[Math.floor(each.length / 2)] ?? Number.NaN);
}

function timeUs(decide: () => boolean): number {
  let count = 0;
  let elapsedMs = 0;
  const start = performance.now();
  while (elapsedMs < ROUND_MS) {
    for (let i = 0; i < 10; i++) decide();
    count += 10;
    elapsedMs = performance.now() - start;
  }
  return (elapsedMs * 1000) / count;
}
