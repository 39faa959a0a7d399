import type { Holder } from '../../pipeline/credentials/tokens.ts';
import type { Foundation } from '../foundation.ts';
import type { Known } from './scope.ts';

/**
 * Killed is: credentials gone. With every change of a level, in its own tick, the tokens of whoever is killed by it end,
 * whoever or whatever set it; points end with everything. Called once at a start it ends what a crash had left over.
 */
export function endTokensOfKilled(
  { halt, tokens, recorder }: Pick<Foundation, 'halt' | 'tokens' | 'recorder'>,
  known: Pick<Known, 'agents'>,
): void {
  const end = () => {
    if (![...halt.levels.values()].includes('killed')) return;
    const owners = new Map(known.agents().map(({ id, owner }) => [id, owner]));
    const isKilled = (holder: Holder) =>
      'agent' in holder
        ? halt.setFor({ agent: holder.agent, ...ownerIn(owners, holder.agent) }) === 'killed'
        : halt.levels.get('all') === 'killed';
    const ended = new Map<string, { holder: Holder; ids: string[] }>();
    for (const record of tokens.all()) {
      if (!isKilled(record)) continue;
      const holder = 'agent' in record ? { agent: record.agent } : { point: record.point };
      const key = JSON.stringify(holder);
      const one = ended.get(key) ?? { holder, ids: [] };
      one.ids.push(record.id);
      ended.set(key, one);
    }
    for (const { holder, ids } of ended.values()) {
      for (const id of ids) tokens.remove(id);
      const draft = {
        fields: { kind: 'operator.revoked', by: 'stop', ...holder, tokens: ids },
        cells: ids.map((id) => ({ kind: 'token', key: id, value: null })),
      } as const;
      recorder.record(draft).catch(() => recorder.owe(draft));
    }
  };
  halt.watch(end);
  end();
}

const ownerIn = (owners: ReadonlyMap<string, string>, agent: string) => {
  const owner = owners.get(agent);
  return owner === undefined ? {} : { owner };
};
