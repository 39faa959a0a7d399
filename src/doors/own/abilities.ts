import { OWN_UPSTREAM } from '../../catalog/own-server.ts';
import type { Agent } from '../../model/agent.ts';
import type { Level } from '../../model/level.ts';
import type { Generation } from '../../pipeline/ports/call.ts';
import type { Rooms } from '../../pipeline/rooms.ts';
import type { Outlook } from '../../policy/index.ts';

type Seen = Pick<Rooms, 'inForce' | 'halt' | 'pins'>;

/**
 * What an agent may do, in words, out of the rules in force. It names what the agent is shown in lists and nothing else:
 * not what is denied to it, nor why.
 */
export function abilitiesOf(rooms: Seen, agent: Agent, generation: Generation): string {
  const inForce = rooms.inForce();
  const level = rooms.halt.levelOf(agent);
  const lines: string[] = [];
  for (const { id, entryOf } of inForce.upstreams.values()) {
    const found: Record<Way, string[]> = { free: [], asks: [], depends: [] };
    const spoken = rooms.pins.generationFor(id, generation);
    for (const { name } of rooms.pins.usable(id, spoken, 'tool')) {
      const operation = `mcp:${id}/${name}`;
      if (!inForce.policy.listable(agent.id, level, operation)) continue;
      const held = level === 'watched' && entryOf(name)?.risk !== 'read';
      found[wayOf(inForce.policy.outlook(agent.id, level, operation), held)].push(name);
    }
    const said = WAYS.filter((way) => found[way].length > 0).map(
      (way) => `${SAYS[way]}: ${found[way].join(', ')}`,
    );
    if (said.length > 0) lines.push(`${id}: ${said.join('; ')}.`);
  }
  return [
    ...(LEVELS[level] ?? []),
    ...(lines.length === 0 ? ['Nothing, by the rules in force.'] : lines),
    HOW,
  ].join('\n');
}

const WAYS = ['free', 'asks', 'depends'] as const;
type Way = (typeof WAYS)[number];

const SAYS: Readonly<Record<Way, string>> = {
  free: 'at once',
  asks: 'after a person says yes',
  depends: 'depending on the arguments and the target',
};

const LEVELS: { readonly [level in Level]?: readonly string[] } = {
  watched: ['You are watched: everything but reading needs a yes.'],
};

const HOW = `What is not here is not permitted; ask for it with request_permission of ${OWN_UPSTREAM}.`;

function wayOf({ permits, reviews, forbids }: Outlook, held: boolean): Way {
  if (held || reviews.some(({ always }) => always)) return 'asks';
  const certain = permits.some(({ always }) => always) && reviews.length === 0 && forbids.length === 0;
  return certain ? 'free' : 'depends';
}
