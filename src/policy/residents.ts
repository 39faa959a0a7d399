import type { Agent } from '../model/agent.ts';
import { LEVELS, type Level } from '../model/level.ts';
import type { Entities, EntityData } from './compile/evaluation.ts';
import { EMPTY_RECORD, EntityUid, entityKey, MapRecord, SetValue } from './values/values.ts';
import type { World } from './world.ts';

/** An agent as principal: its entity at each level, and whether it has an owner. */
export interface Principal {
  readonly uid: EntityUid;
  readonly atLevel: Readonly<Record<Level, EntityData>>;
  readonly hasOwner: boolean;
}

/** Everything that is there whatever is asked: people, agents, teams, operations. */
export class Residents implements Entities {
  readonly principals = new Map<string, Principal>();
  readonly #entities = new Map<string, EntityData>();
  constructor(world: World) {
    const people = new Set<string>();
    for (const { id, roles } of world.people) {
      people.add(id);
      const attributes = new MapRecord(new Map([['roles', new SetValue(roles)]]));
      this.#entities.set(entityKey('Person', id), { ...BARE, attributes });
    }
    for (const agent of world.agents) {
      for (const team of agent.teams) this.#entities.set(entityKey('Team', team), BARE);
      const principal = principalOf(agent, people.has(agent.owner));
      this.principals.set(agent.id, principal);
      this.#entities.set(principal.uid.key, principal.atLevel[agent.level]);
    }
    for (const { id, groups } of world.operations) {
      for (const group of groups) this.#entities.set(entityKey('Action', group), BARE);
      const ancestors = new Set(groups.map((group) => entityKey('Action', group)));
      this.#entities.set(entityKey('Action', id), { ...BARE, ancestors });
    }
  }
  get(key: string): EntityData | undefined {
    return this.#entities.get(key);
  }
}

const BARE: EntityData = { attributes: EMPTY_RECORD, tags: EMPTY_RECORD, ancestors: new Set() };

function principalOf(agent: Agent, hasOwner: boolean): Principal {
  const owner = new EntityUid('Person', agent.owner);
  const ancestors = new Set(agent.teams.map((team) => entityKey('Team', team)));
  const at = (level: Level): EntityData => ({
    attributes: new MapRecord(
      new Map<string, EntityUid | string>([
        ['owner', owner],
        ['level', level],
      ]),
    ),
    tags: EMPTY_RECORD,
    ancestors,
  });
  const [live, watched, frozen, killed] = LEVELS;
  return {
    uid: new EntityUid('Agent', agent.id),
    atLevel: { live: at(live), watched: at(watched), frozen: at(frozen), killed: at(killed) },
    hasOwner,
  };
}
