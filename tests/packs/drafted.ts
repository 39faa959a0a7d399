import { draftCatalog } from '../../src/catalog/draft/draft.ts';
import { type Catalog, type Catalogs, loadCatalogs } from '../../src/catalog/reading/catalog-file.ts';
import { COMPARED, type Compared, compareEntries, type Verdict } from './draft-comparison.ts';
import { factNames, readToolFacts } from './tool-facts.ts';

/** What is drafted from the facts about a server alone, read back. */
function draftOf(name: string): Catalog {
  const tools = readToolFacts(name).tools.map((tool) => ({ inputSchema: { type: 'object' }, ...tool }));
  const text = draftCatalog(name, { tools, resources: false, prompts: false });
  if (!text.ok) throw new Error(`${name}: ${text.error}`);
  const loaded = loadCatalogs([{ name, text: text.value }]);
  const catalog = loaded.ok ? loaded.value.get(name) : undefined;
  if (catalog === undefined) throw new Error(JSON.stringify(loaded));
  return catalog;
}

interface ComparedTool {
  readonly catalog: string;
  readonly tool: string;
  readonly verdicts: Readonly<Record<Compared, Verdict>>;
  /** The word of the hand-made entry and of the draft, per field. */
  readonly hand: Readonly<Record<string, string>>;
  readonly draft: Readonly<Record<string, string>>;
}

/** Every tool of which there are facts, as a person described it and as it is drafted. */
export function compareAll(handMade: Catalogs): readonly ComparedTool[] {
  return factNames().flatMap((name) => {
    const draft = draftOf(name);
    return readToolFacts(name).tools.map(({ name: tool }): ComparedTool => {
      const [a, b] = [handMade.get(name)?.operations.get(tool), draft.operations.get(tool)];
      if (a === undefined || b === undefined) throw new Error(`${name}/${tool} has no entry`);
      const words = (entry: typeof a) =>
        Object.fromEntries(
          ['risk', 'effect', 'reversibility'].map((key) => [key, String(entry[key as 'risk'])]),
        );
      const verdicts = Object.fromEntries(COMPARED.map((field) => [field, compareEntries(a, b, field)]));
      return {
        catalog: name,
        tool,
        verdicts: verdicts as ComparedTool['verdicts'],
        hand: words(a),
        draft: words(b),
      };
    });
  });
}
