import { COMPARED } from '../tests/packs/draft-comparison.ts';
import { compareAll } from '../tests/packs/drafted.ts';
import { loadShipped, packNames, readShippedPack } from '../tests/packs/pack-world.ts';
import { factNames, readToolFacts } from '../tests/packs/tool-facts.ts';

/** `catalog draft` beside the entries that people made, per field: docs/operating/catalog-draft.md keeps the table. */
export async function run(): Promise<string[]> {
  const compared = compareAll(loadShipped(packNames().map(readShippedPack)));
  const share = (count: number) => `${((100 * count) / compared.length).toFixed(1)} %`;
  const rows = COMPARED.map((field) => {
    const count = (verdict: string) => compared.filter(({ verdicts }) => verdicts[field] === verdict).length;
    const [equal, stricter, laxer] = [count('equal'), count('stricter'), count('laxer')];
    return `| ${field} | ${share(equal)} | ${share(stricter)} | ${share(laxer)} (${laxer}) |`;
  });
  const looks = compared.filter(({ hand }) => hand['risk'] === 'read');
  const found = looks.filter(({ draft }) => draft['risk'] === 'read').length;
  const others = compared.filter(({ hand }) => hand['risk'] !== 'read');
  const mistaken = others.filter(({ draft }) => draft['risk'] === 'read').length;
  const laxer = compared.flatMap(({ catalog, tool, verdicts, hand, draft }) =>
    (['risk', 'effect', 'reversibility'] as const)
      .filter((field) => verdicts[field] === 'laxer')
      .map((field) => `laxer in ${field}: ${catalog}/${tool}: ${hand[field]} drafted as ${draft[field]}`),
  );
  return [
    `${compared.length} tools of ${factNames()
      .map((name) => `${name} (${readToolFacts(name).tools.length})`)
      .join(', ')}`,
    '| field | equal | stricter | laxer |',
    '|---|---|---|---|',
    ...rows,
    `of ${looks.length} that only look ${found} are drafted as a look, and of ${others.length} others ${mistaken}`,
    ...laxer,
  ];
}
