import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../source-tree.ts';
import type { Verdicts } from './harness.ts';

/**
 * A check that ends otherwise through Lanyard, as the table of the page has it without its reason:
 * `<suite> | <scenario>/<check> | <direct> | <through>`, with `none` where it is not made at all.
 */
type Difference = string;

export function differencesOf(suite: string, direct: Verdicts, through: Verdicts): readonly Difference[] {
  return [...new Set([...direct.keys(), ...through.keys()])].sort().flatMap((check) => {
    const [one, other] = [direct.get(check) ?? 'none', through.get(check) ?? 'none'];
    return one === other ? [] : [`${suite} | ${check} | ${one} | ${other}`];
  });
}

const PAGE = 'docs/formats/mcp.md';
const ROW = /^\| (\S[^|]*) \| (\S[^|]*) \| (\S[^|]*) \| (\S[^|]*) \| (\S[^|]*) \|$/;

/** The rows of the table under "Conformance" about one suite: the differences that are known, each with its reason. */
export function knownDifferences(suite: string): readonly Difference[] {
  const page = readFileSync(join(ROOT, PAGE), 'utf8');
  const section = /^## Conformance\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(page)?.[1];
  if (section === undefined) throw new Error(`${PAGE} has no section "Conformance"`);
  return section
    .split('\n')
    .flatMap((line) => {
      const cells = ROW.exec(line)?.slice(1, 5) ?? [];
      return cells[0] === suite ? [cells.join(' | ')] : [];
    })
    .sort();
}
