import type { AbilityRow } from '../../../../src/contract/control-reads.ts';

const VERBS: Readonly<Record<string, string>> = {
  read: 'reads',
  create: 'creates',
  update: 'changes',
  delete: 'deletes',
  send: 'sends',
  spend: 'spends money',
  execute: 'runs programs',
  configure: 'changes settings',
};
const SEEN: Readonly<Record<string, string>> = {
  self: '',
  team: ', seen by the team',
  named: ', seen by those it names',
  public: ', seen by anyone',
};

/** What an ability amounts to, from the catalog and the rules: `changes and deletes; asks owner; not for every target`. */
export function inWords(row: AbilityRow): string {
  const verbs = row.effect.map((effect) => VERBS[effect] ?? effect);
  const does =
    verbs.length === 0
      ? 'does what nobody has classified'
      : `${verbs.join(' and ')}${SEEN[row.audience ?? ''] ?? ''}`;
  const parts = [does];
  if (row.reversibility === 'irreversible') parts.push('cannot be taken back');
  const asked = [
    ...new Set(row.limits.filter(({ kind }) => kind === 'person').map(({ who }) => who ?? 'a person')),
  ];
  if (asked.length > 0) {
    const always = row.limits.some(({ kind, always: is }) => kind === 'person' && is);
    parts.push(`${always ? 'asks' : 'sometimes asks'} ${asked.join(' and ')}`);
  }
  if (row.limits.some(({ kind }) => kind === 'condition' || kind === 'rule'))
    parts.push(
      `within ${row.limits
        .filter(({ kind }) => kind === 'condition' || kind === 'rule')
        .map(({ by }) => by)
        .join(', ')}`,
    );
  if (row.lacksLimit) parts.push('nothing stands before it');
  return parts.join('; ');
}
