import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { type Audience, EFFECTS, type Effect, type Reversibility } from '../../model/risk.ts';
import type { OperationEntry } from '../entry.ts';
import type { Parameter } from './parameter.ts';
import { effectsOfThing, effectsOfWord, LOOKING, wordsOf } from './words.ts';

/** A proposed value and why, in words for the person who decides. */
export interface Proposed<T> {
  readonly value: T;
  readonly why: string;
}

export interface ProposedClasses {
  readonly risk: Proposed<OperationEntry['risk']>;
  readonly effect: Proposed<readonly Effect[]>;
  readonly reversibility: Proposed<Reversibility>;
  readonly audience: Proposed<Audience>;
}

/** What nothing is known of could do anything. */
const ANYTHING: readonly Effect[] = EFFECTS;

/**
 * The classes of a tool from its name, its arguments and what its server says of it. A name can make it a mere look;
 * annotations cannot: they only ever raise. Whatever is not understood is taken for the worst.
 */
export function proposeClasses(
  name: string,
  parameters: readonly Parameter[],
  annotations: JsonObject | undefined,
): ProposedClasses {
  const reasons: string[] = [];
  const effects = new Set<Effect>();
  const take = (found: readonly Effect[], why: string) => {
    if (found.length === 0) return;
    for (const effect of found) effects.add(effect);
    reasons.push(why);
  };

  const words = wordsOf(name);
  const looks = words.find((word) => LOOKING.has(word));
  for (const [i, word] of words.entries()) {
    const behind = words.slice(0, i).some((before) => LOOKING.has(before));
    take(effectsOfWord(word, behind), `"${word}" in its name`);
  }
  for (const parameter of parameters) takeParameter(parameter, looks !== undefined, take);
  takeAnnotations(annotations, take);

  const joined = words.find((word) => /^(and|or|then)$/.test(word));
  if (joined !== undefined) take(ANYTHING, `"${joined}" in its name: it does more than one thing`);
  if (effects.size === 0 && looks !== undefined) return onlyLooks(looks, parameters);
  if (effects.size === 0) take(ANYTHING, 'no word of its name says what it does, so anything');
  if (isUnsure(words)) take(ANYTHING, 'a word of its name says nothing about what it does, so anything');
  for (const word of words) take(effectsOfThing(word), `"${word}" is what it changes`);
  const spoken = parameters.find(isSpoken);
  if (spoken !== undefined) take(['send'], `people may read "${spoken.name}"`);
  if (looks !== undefined) effects.add('read');
  return change(effects, reasons, words, parameters);
}

/** A name whose first words say nothing: `apply_x`, `browser_click`. Something else in it is no reason to trust it. */
function isUnsure(words: readonly string[]): boolean {
  return !words.some((word) => LOOKING.has(word) || effectsOfWord(word, false).length > 0);
}

const TEXTS =
  /^(body|text|message|content|title|subject|description|comment|summary|caption|quote|note|goal)$/;

/** Whether people may read what this argument holds. */
export function isSpoken({ kind, words }: Parameter): boolean {
  return kind === 'text' && TEXTS.test(words.at(-1) ?? '');
}

type Take = (found: readonly Effect[], why: string) => void;

/** Arguments that say what is to be done (`method: delete`), or that are something to be run, written or sent. */
function takeParameter(parameter: Parameter, looks: boolean, take: Take): void {
  const { name, words, kind } = parameter;
  const last = words.at(-1) ?? '';
  const whole = words.join('');
  if (/^(method|action|operation|op|command|mode|verb)$/.test(last) && kind === 'text')
    takeChoice(parameter, take);
  if (/^(code|script|command|expression|function|shell|eval)$/.test(last) && kind === 'text')
    take(ANYTHING, `"${name}" is run`);
  if (/^(sql|statement|statements|queries)$/.test(last))
    take(['create', 'update', 'delete', 'execute', 'configure'], `"${name}" is run`);
  if (/^(filename|output|outfile|(save|output|dest)path)$/.test(whole))
    take(['create', 'update'], `"${name}" may be written`);
  if (looks) return;
  if (kind === 'object' && /^(parameters|params|arguments|args|input|payload|data)$/.test(last))
    take(ANYTHING, `"${name}" may say anything`);
  if (kind === 'text' && last === 'fields')
    take(['create', 'update', 'delete'], `"${name}" may say anything`);
  if (/^(to|cc|bcc|recipient|recipients)$/.test(whole)) take(['send'], `"${name}" says who it goes to`);
  if (last === 'attachments' || (kind === 'texts' && isPathLike(parameter)))
    take(['create', 'send'], `"${name}" goes along`);
  if (/^(remove|delete|clear|deleted)$/.test(words[0] ?? '')) take(['delete'], `"${name}" takes away`);
  if (/^(submit|publish|public|send|notify)$/.test(words[0] ?? ''))
    take(['send'], `"${name}" shows it to others`);
  if (last === 'delegate') take(['execute'], `"${name}" sets another agent to work`);
  if (isAddress(parameter)) take(['send'], `"${name}" can carry data to whoever owns it`);
  if (whole === 'amount') take(['spend'], `"${name}" is money`);
}

/** An argument that says what is to be done: each value counts; one that may say anything counts as anything. */
function takeChoice({ name, values }: Parameter, take: Take): void {
  if (values.length === 0) take(ANYTHING, `"${name}" says what is to be done, and may say anything`);
  for (const value of values) {
    const said = wordsOf(value);
    if (LOOKING.has(said[0] ?? '')) continue;
    const found = said.flatMap((word) => [...effectsOfWord(word, false), ...effectsOfThing(word)]);
    take(found.length > 0 ? found : ANYTHING, `"${name}" can be "${value}"`);
  }
}

const isAddress = ({ words, kind }: Parameter): boolean =>
  kind === 'text' && /^(url|uri|href)$/.test(words.at(-1) ?? '');

/** What a server says of its own tool can make it more dangerous, and never less. */
function takeAnnotations(annotations: JsonObject | undefined, take: Take): void {
  if (!isJsonObject(annotations)) return;
  if (annotations['destructiveHint'] === true && annotations['readOnlyHint'] !== true)
    take(['update', 'delete'], 'its server calls it destructive');
  else if (annotations['destructiveHint'] === true)
    take(ANYTHING, 'its server calls it read-only and destructive at once');
  else if (annotations['readOnlyHint'] === false)
    take(['create', 'update'], 'its server says that it changes something');
}

function onlyLooks(word: string, parameters: readonly Parameter[]): ProposedClasses {
  const why = `"${word}" in its name, and nothing that changes anything`;
  const address = parameters.find(isAddress);
  const effect: Proposed<readonly Effect[]> =
    address === undefined
      ? { value: ['read'], why }
      : { value: ['read', 'send'], why: `${why}; "${address.name}" can carry data to whoever owns it` };
  return {
    risk: { value: 'read', why },
    effect,
    reversibility: { value: 'read-only', why },
    audience: { value: 'self', why: 'what it answers goes to the agent' },
  };
}

/** Effects that leave the house, or that nobody takes back. */
const OUTSIDE: readonly Effect[] = ['delete', 'spend', 'execute', 'configure'];

function change(
  effects: ReadonlySet<Effect>,
  reasons: readonly string[],
  words: readonly string[],
  parameters: readonly Parameter[],
): ProposedClasses {
  const value = EFFECTS.filter((effect) => effects.has(effect));
  const why = [...new Set(reasons)].join('; ');
  const outside = OUTSIDE.filter((effect) => effects.has(effect));
  const local = parameters.find(isPathLike);
  const mail = words.find((word) => /^(e?mail|mails|gist|publish|tweet|announce|broadcast)$/.test(word));
  const risk: Proposed<OperationEntry['risk']> =
    outside.length > 0
      ? { value: 'external', why: `it may ${outside.join(', ')}` }
      : mail !== undefined
        ? { value: 'external', why: `"${mail}" leaves the house` }
        : local !== undefined && effects.has('send')
          ? { value: 'external', why: `"${local.name}" is a file of this machine, and something is sent` }
          : { value: 'merge', why: 'others may build on what it changes' };
  const onlyMakes = !effects.has('update') && outside.length === 0 && mail === undefined;
  return {
    risk,
    effect: { value, why },
    reversibility: onlyMakes
      ? {
          value: 'externally-reversible',
          why: 'what it makes can be taken away again, though people have seen it',
        }
      : { value: 'irreversible', why: 'nothing says that what was there before is kept' },
    audience:
      local !== undefined && !effects.has('send')
        ? { value: 'self', why: `"${local.name}" is a file, and nothing is sent` }
        : { value: 'public', why: 'nothing says who will see it' },
  };
}

const PATHS = /^(path|paths|file|filepath|filepaths|directory|dir|savepath|sourcepath|destinationpath)$/;

/** Whether an argument names a file or a directory of this machine. */
export function isPathLike({ words, kind }: Parameter): boolean {
  return (kind === 'text' || kind === 'texts') && PATHS.test(words.join(''));
}
