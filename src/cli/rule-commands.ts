import { type Command, ONE_WORD } from './command.ts';

/** What rules and catalogs say: checked, shown, tried, proposed. */
export const RULE_COMMANDS: readonly Command[] = [
  {
    name: 'policy check',
    usage: '[--json]',
    does: 'Checks the rules in the files; exits 3 where one has a problem.',
    options: { json: 'boolean' },
    load: () => import('./commands/policy-check.ts'),
  },
  {
    name: 'policy test',
    usage: '[FILE…] [--json]',
    does: 'Runs golden cases against the rules in the files; exits 3 where one fails.',
    words: { least: 0, most: 1000 },
    options: { json: 'boolean' },
    load: () => import('./commands/policy-test.ts'),
  },
  {
    name: 'policy show',
    usage: '[--json]',
    does: 'The rules in force.',
    options: { json: 'boolean' },
    load: () => import('./commands/policy-show.ts'),
  },
  {
    name: 'policy explain',
    usage: 'ACTION-ID|ENTRY [--json]',
    does: 'Which rules decided an action, and what each condition evaluated to.',
    words: ONE_WORD,
    options: { json: 'boolean' },
    load: () => import('./commands/policy-explain.ts'),
  },
  {
    name: 'policy suggest',
    usage: '--agent A --since T [--json]',
    does: 'The narrowest rules that would have passed what an agent was denied; changes nothing.',
    options: { agent: 'string', since: 'string', json: 'boolean' },
    load: () => import('./commands/policy-suggest.ts'),
  },
  {
    name: 'catalog list',
    usage: '[--json]',
    does: 'Every operation, its class, and how it stands to its pin.',
    options: { json: 'boolean' },
    load: () => import('./commands/catalog-list.ts'),
  },
  {
    name: 'catalog show',
    usage: 'UPSTREAM[/TOOL] [--json]',
    does: 'One upstream or operation in full.',
    words: ONE_WORD,
    options: { json: 'boolean' },
    load: () => import('./commands/catalog-list.ts'),
  },
  {
    name: 'catalog accept',
    usage: 'UPSTREAM[/TOOL] [--dry-run | --yes DIGEST]',
    does: 'Shows what changed behind a pin, and takes exactly that; asks first on a terminal.',
    words: ONE_WORD,
    options: { yes: 'string', 'dry-run': 'boolean' },
    load: () => import('./commands/catalog-accept.ts'),
  },
  {
    name: 'catalog draft',
    usage: 'UPSTREAM [--from FILE]',
    does: 'Proposes a catalog for what an upstream lists, the dangerous reading where unsure; changes nothing.',
    words: ONE_WORD,
    options: { from: 'string' },
    load: () => import('./commands/catalog-draft.ts'),
  },
];
