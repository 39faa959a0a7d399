import type { JsonObject } from '../../base/json.ts';
import { type OperationEntry, SENSITIVITIES } from '../../catalog/entry.ts';
import { OWN_UPSTREAM } from '../../catalog/own-server.ts';
import { CONNECT_CLASS } from '../../catalog/targets/host.ts';
import type { AbilityRow, InventoryView, Limit } from '../../contract/control-reads.ts';
import { CONNECT_OPERATION, WAY_OUT } from '../../model/action.ts';
import type { Agent } from '../../model/agent.ts';
import type { Level } from '../../model/level.ts';
import { AUDIENCES, EFFECTS, REVERSIBILITIES } from '../../model/risk.ts';
import type { Pins } from '../../pipeline/action/pins.ts';
import type { InForce } from '../../pipeline/in-force.ts';
import type { Outlook } from '../../policy/index.ts';
import { isSecretReference } from '../configuration/literal-secrets.ts';
import type { UpstreamConfiguration } from '../configuration/shape.ts';
import type { RuleSet } from '../in-force/rule-set.ts';
import type { Uses } from './uses.ts';

/** What an inventory is taken of: an instance that runs, or the files of one that does not. */
interface InventoryGround {
  readonly inForce: InForce;
  readonly set: RuleSet;
  readonly pins: Pins;
  readonly uses: Uses;
  levelOf(agent: Agent): Level;
  /** Ids of its tokens, never the tokens. */
  tokensOf(agent: string): readonly string[];
}

/** Every agent × upstream × operation × credential; what lacks a limit first, then what could end worst. */
export function takeInventory(ground: InventoryGround): InventoryView & JsonObject {
  const { inForce, pins, set } = ground;
  const could = thingsOf(ground, (id) => credentialsOf(set.configuration.upstreams[id]));
  const rows = [...inForce.agents.values()].flatMap((agent) => {
    const tokens = [...ground.tokensOf(agent.id)].sort();
    return could.map((thing) => rowOf(ground, agent, thing, tokens));
  });
  const keyed = rows.map((row) => ({ row, key: gravityOf(row) }));
  keyed.sort((a, b) => compareKeys(a.key, b.key));
  return {
    rows: keyed.map(({ row }) => row),
    unseen: outsideOf(inForce)
      .filter(({ id }) => !pins.knows(id))
      .map(({ id }) => id),
  };
}

/** Operations, reading aside, that the rules let an agent do without asking anybody, as far as can be told. */
export function freeOperations(
  ground: Pick<InventoryGround, 'inForce' | 'pins' | 'levelOf'>,
): (agent: Agent) => string[] {
  const could = thingsOf(ground, () => []).filter(({ entry }) => entry?.risk !== 'read');
  return (agent) => {
    const level = ground.levelOf(agent);
    return could
      .filter((thing) => standsAs(ground.inForce, agent, level, thing).rules === 'allow')
      .map(({ operation }) => operation);
  };
}

/** Something that there is to do, whoever does it. */
interface Thing {
  readonly upstream: string;
  readonly operation: string;
  readonly credentials: readonly string[];
  readonly entry:
    | Partial<
        Pick<OperationEntry, 'risk' | 'effect' | 'reversibility' | 'audience' | 'worst' | 'sensitivity'>
      >
    | undefined;
}

function thingsOf(
  { inForce, pins }: Pick<InventoryGround, 'inForce' | 'pins'>,
  credentialsOf: (upstream: string) => readonly string[],
): readonly Thing[] {
  const inside = outsideOf(inForce).flatMap(({ id: upstream, entryOf }) => {
    const credentials = credentialsOf(upstream);
    return namesOf(pins, upstream).map(
      (name): Thing => ({
        upstream,
        operation: `mcp:${upstream}/${name}`,
        credentials,
        entry: entryOf(name),
      }),
    );
  });
  const wayOut = { upstream: WAY_OUT, operation: CONNECT_OPERATION, credentials: [], entry: CONNECT_CLASS };
  return [...inside, wayOut];
}

/** What is built in reaches nothing outside, and is every agent's alike. */
const outsideOf = (inForce: InForce) =>
  [...inForce.upstreams.values()].filter(({ id }) => id !== OWN_UPSTREAM);

/** What can be named of an upstream: its pinned tools, its prompts where it has some, and its resources. */
function namesOf(pins: Pins, upstream: string): string[] {
  const pinned = [...pins.of(upstream).values()];
  if (pinned.length === 0) return [];
  const tools = pinned.filter(({ kind }) => kind === 'tool').map(({ name }) => name);
  const prompts = pinned.some(({ kind }) => kind === 'prompt') ? ['prompts/get'] : [];
  return [...tools, ...prompts, 'resources/read'];
}

function rowOf(
  ground: InventoryGround,
  agent: Agent,
  { upstream, operation, credentials, entry }: Thing,
  tokens: readonly string[],
): AbilityRow {
  const level = ground.levelOf(agent);
  const { rules, outlook, limits } = standsAs(ground.inForce, agent, level, { operation, entry });
  const use = ground.uses.of(agent.id, operation);
  return {
    agent: agent.id,
    owner: agent.owner,
    level,
    upstream,
    operation,
    credentials,
    tokens,
    // A way out has no risk of the ladder: it is as bad as anything.
    risk: entry?.risk ?? (entry === undefined ? 'unclassified' : 'external'),
    effect: entry?.effect ?? [],
    reversibility: entry?.reversibility ?? null,
    audience: entry?.audience ?? null,
    worst: entry?.worst ?? null,
    sensitivity: entry?.sensitivity ?? null,
    rules,
    sometimes: sometimesOf(outlook, limits),
    limits,
    lacksLimit: outlook.could && limits.length === 0,
    lastUsed: use.lastUsed,
    neverUsed: use.used === 0,
    used: use.used,
    denied: use.denied,
  };
}

function standsAs(
  { policy }: InForce,
  agent: Agent,
  level: Level,
  { operation, entry }: Pick<Thing, 'operation' | 'entry'>,
): { readonly rules: AbilityRow['rules']; readonly outlook: Outlook; readonly limits: Limit[] } {
  const outlook = policy.outlook(agent.id, level, operation);
  const limits = limitsOf(outlook, level, level === 'watched' && entry?.risk !== 'read');
  return { rules: !outlook.could ? 'deny' : limits.some(isHold) ? 'hold' : 'allow', outlook, limits };
}

const isHold = ({ kind, always }: Limit): boolean => always && (kind === 'person' || kind === 'level');

function limitsOf(outlook: Outlook, level: Level, held: boolean): Limit[] {
  if (level === 'frozen' || level === 'killed') return [{ kind: 'level', by: level, always: true }];
  const conditional = outlook.permits.length > 0 && !outlook.permits.some(({ always }) => always);
  return [
    ...(held ? [{ kind: 'level', by: level, who: 'owner', always: true } as const] : []),
    ...outlook.reviews.map(({ rule, who, always }): Limit => ({ kind: 'person', by: rule, who, always })),
    ...outlook.forbids.map(({ rule, always }): Limit => ({ kind: 'rule', by: rule, always })),
    ...(conditional
      ? outlook.permits.map(({ rule }): Limit => ({ kind: 'condition', by: rule, always: false }))
      : []),
  ];
}

function sometimesOf({ could }: Outlook, limits: readonly Limit[]): ('hold' | 'deny')[] {
  if (!could) return [];
  const holds = limits.some(({ kind, always }) => kind === 'person' && !always) && !limits.some(isHold);
  const denies = limits.some(({ kind, always }) => kind === 'condition' || (kind === 'rule' && !always));
  return [...(holds ? (['hold'] as const) : []), ...(denies ? (['deny'] as const) : [])];
}

/** `env:NAME` and `file:PATH` as the configuration names them; what is written out there is no secret. */
function credentialsOf(upstream: UpstreamConfiguration | undefined): string[] {
  const settings = { ...upstream?.env, ...upstream?.headers };
  return [...new Set(Object.values(settings).filter(isSecretReference))].sort();
}

/** Smaller is graver: how far it is limited, then: cannot be taken back, seen by many, hard effects, secret answers. */
function gravityOf(row: AbilityRow): readonly (number | string)[] {
  const back = REVERSIBILITIES.indexOf(
    (row.reversibility ?? 'irreversible') as (typeof REVERSIBILITIES)[number],
  );
  const seen = AUDIENCES.indexOf((row.audience ?? 'public') as (typeof AUDIENCES)[number]);
  const effects = row.effect.map((effect) => EFFECTS.indexOf(effect as (typeof EFFECTS)[number]));
  const hardest = row.risk === 'unclassified' ? EFFECTS.length : Math.max(0, ...effects);
  const told = SENSITIVITIES.findIndex((one) => one === (row.sensitivity ?? 'secret'));
  return [standingOf(row), -back, -seen, -hardest, -told, row.agent, row.operation];
}

/** Nothing before it, something in some cases only, something always, denied anyway. */
function standingOf({ lacksLimit, rules }: AbilityRow): number {
  if (lacksLimit) return 0;
  return rules === 'allow' ? 1 : rules === 'hold' ? 2 : 3;
}

function compareKeys(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [i, left] of a.entries()) {
    const right = b[i] ?? left;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
