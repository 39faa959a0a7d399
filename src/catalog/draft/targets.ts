import { TAKEN_TYPE_NAMES, TARGET_TYPE_NAME } from '../targets/target-type.ts';
import { isPathLike } from './classes.ts';
import type { Parameter } from './parameter.ts';
import { wordsOf } from './words.ts';

/** One target as it will stand in the file. */
export interface ProposedTarget {
  readonly type: string;
  readonly id?: string;
  readonly each?: string;
  readonly optional: boolean;
  readonly why: string;
}

/** Arguments that turn pages, sort, filter or format: never what something is done to. */
const ASIDE =
  /^(limit|cursor|page|pages|perpage|pagesize|pagetoken|offset|start|startat|sort|sortby|sortdir|order|orderby|direction|fields|query|q|filter|format|since|until|before|after|oldest|latest|view|type|types|state|status|version|size|count|max|min)$/;

const ADDRESSED = /^(to|cc|bcc|recipient|recipients|email|emails)$/;

/** What a tool is done to, from the names of its arguments. Nothing secret may be part of one: the log shows targets. */
export function proposeTargets(
  tool: string,
  parameters: readonly Parameter[],
  secret: readonly string[],
): readonly ProposedTarget[] {
  const open = parameters.filter(({ name, words }) => !secret.includes(name) && !ASIDE.test(words.join('')));
  const byName = new Map(open.map((parameter) => [parameter.name, parameter]));
  const repository = inRepository(byName);
  const used = new Set(repository.used);
  return [
    ...repository.targets,
    ...open
      .filter(({ name }) => !used.has(name))
      .flatMap((parameter) => targetOf(tool, parameter, used.size > 0)),
  ];
}

/** `owner` and `repo`, and what lies in that repository. */
function inRepository(byName: ReadonlyMap<string, Parameter>): { targets: ProposedTarget[]; used: string[] } {
  const [owner, repo] = [byName.get('owner') ?? byName.get('org'), byName.get('repo')];
  if (owner?.kind !== 'text' || repo?.kind !== 'text') return { targets: [], used: [] };
  const base = `{${owner.name}}/{repo}`;
  const sure = owner.required && repo.required;
  const targets: ProposedTarget[] = [
    { type: 'Repo', id: base, optional: !sure, why: `"${owner.name}" and "repo" name a repository` },
  ];
  const used = [owner.name, 'repo'];
  const inside = [
    { names: ['branch'], type: 'Branch', mark: '@' },
    { names: ['issue_number', 'issueNumber'], type: 'Issue', mark: '#' },
    { names: ['pull_number', 'pullNumber', 'pull_request_number'], type: 'Pull', mark: '#' },
    { names: ['path'], type: 'RepoPath', mark: ':' },
  ];
  for (const { names, type, mark } of inside) {
    const found = names.map((name) => byName.get(name)).find((one) => one !== undefined);
    if (found === undefined || (found.kind !== 'text' && found.kind !== 'number')) continue;
    used.push(found.name);
    const id = `${base}${mark}{${found.name}}`;
    targets.push({
      type,
      id,
      optional: !(sure && found.required),
      why: `"${found.name}" is in that repository`,
    });
  }
  return { targets, used };
}

function targetOf(tool: string, parameter: Parameter, inside: boolean): ProposedTarget[] {
  const { name, words, kind, required } = parameter;
  const last = words.at(-1) ?? '';
  const whole = words.join('');
  const make = (type: string, why: string): ProposedTarget[] => {
    if (kind === 'texts') return [{ type, each: name, id: '{.}', optional: !required, why }];
    return kind === 'text' || kind === 'number' ? [{ type, id: `{${name}}`, optional: !required, why }] : [];
  };
  // In a repository a path is no file of this machine.
  if (isPathLike(parameter) || /^(source|destination)$/.test(whole) || last === 'attachments')
    return kind === 'number' || inside ? [] : make('Path', `"${name}" names a file or directory`);
  if (/^(url|uri|href)$/.test(last)) return kind === 'text' ? make('Url', `"${name}" is an address`) : [];
  if (whole === 'filename' && kind === 'text') return make('Output', `"${name}" may be written`);
  if (ADDRESSED.test(whole)) return make('Address', `"${name}" says who it goes to`);
  if (/^(id|ids|key|keys|slug|number|uuid|identifier|login)$/.test(last)) {
    const noun = words.slice(0, -1).at(-1) ?? nounOf(tool);
    return make(typeOf(noun), `"${name}" names one ${noun}`);
  }
  if (NOUNS.has(one(whole))) return make(typeOf(one(whole)), `"${name}" names one`);
  return [];
}

const NOUNS: ReadonlySet<string> = new Set(
  'channel user username project team workspace account customer organization org group board sprint page space table database schema bucket queue topic host domain issue label branch repo document folder calendar event subscription invoice product price contact cookie initiative release pipeline canvas dispute charge enterprise key paymentintent'.split(
    ' ',
  ),
);

const one = (word: string): string => word.replace(/s$/, '');

/** What a tool's name ends with: `get_issue` is about an issue. */
function nounOf(tool: string): string {
  return one(wordsOf(tool).at(-1) ?? 'thing');
}

/** A type's name from a word: letters and digits, capital first; one that means something else in rules gets `Ref`. */
function typeOf(word: string): string {
  const letters = one(word)
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 40);
  const type = `${letters.slice(0, 1).toUpperCase()}${letters.slice(1)}`;
  if (!TARGET_TYPE_NAME.test(type)) return 'Thing';
  return TAKEN_TYPE_NAMES.has(type) || BUILT_IN.has(type) ? `${type}Ref` : type;
}

const BUILT_IN: ReadonlySet<string> = new Set(['Path', 'Url', 'Repo', 'Org', 'MailAddress', 'Target']);
