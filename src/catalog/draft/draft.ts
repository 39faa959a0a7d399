import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { ID_PATTERN } from '../../model/agent.ts';
import type { Effect } from '../../model/risk.ts';
import { isToolName } from '../listed-name.ts';
import { loadCatalogs } from '../reading/catalog-file.ts';
import { type ProposedClasses, proposeClasses } from './classes.ts';
import { proposeFields } from './fields.ts';
import { parametersOf } from './parameter.ts';
import { proposeResults } from './results.ts';
import { proposeTargets } from './targets.ts';
import { type ProposedOperation, textOf } from './text.ts';

/** What a server lists of one tool; everything in it is the server's own word. */
export interface ListedTool {
  readonly name: string;
  readonly inputSchema: JsonObject;
  readonly annotations?: JsonObject;
}

export interface Offered {
  readonly tools: readonly ListedTool[];
  readonly resources: boolean;
  readonly prompts: boolean;
}

/**
 * A catalog proposed for a server nobody has described: YAML for a person to edit, with the reason for each word beside
 * it. Names and schemas are all that is looked at, descriptions never: they are written to persuade. Where a name says
 * nothing, the dangerous reading. An annotation can raise a class and never lower one. It is not in use by being
 * printed: an upstream must name it, and somebody must apply it.
 *
 * The error says why there is none. What is returned has been read back by the reader of catalogs.
 */
export function draftCatalog(name: string, offered: Offered): Result<string, string> {
  if (!ID_PATTERN.test(name)) return err(`the name ${JSON.stringify(name)} must match ${ID_PATTERN.source}`);
  const tools = offered.tools.filter((tool) => isToolName(tool.name));
  const operations = [
    ...tools.map(proposeOperation),
    ...(offered.resources ? [readOnly('resources/read', 'uri', 'Resource')] : []),
    ...(offered.prompts ? [readOnly('prompts/get')] : []),
  ];
  if (operations.length === 0) return err('it lists nothing that could have an entry');
  const left = offered.tools.length - tools.length;
  const text = [...headOf(name, operations.length, left), ...operations.flatMap(textOf), ''].join('\n');
  if (Buffer.byteLength(text) > LIMITS.catalogFileBytes)
    return err(
      `${operations.length} operations are more than one file of ${LIMITS.catalogFileBytes} bytes can hold; draft from parts of its list with --from`,
    );
  const read = loadCatalogs([{ name: `${name}.yaml`, text }]);
  if (read.ok && read.value.get(name)?.operations.size === operations.length) return ok(text);
  const first = read.ok ? 'entries are missing' : `line ${read.error[0]?.line}: ${read.error[0]?.message}`;
  return err(`what was drafted is no catalog (${first}); please report this`);
}

function headOf(name: string, count: number, left: number): string[] {
  return [
    '# A draft, made from the names, schemas and annotations that the server lists. Nobody has read it yet. Whatever is not',
    '# understood has the dangerous reading; the reason stands behind each word. Look at every entry, above all at those',
    '# that are `risk: read`: a server chooses its own names. Put the file under `catalog:`, name it at the upstream, apply.',
    `# ${count} operations.${left === 0 ? '' : ` ${left} more have names that are never shown to agents, and no entry.`}`,
    `catalog: ${name}`,
    'operations:',
  ];
}

function proposeOperation(tool: ListedTool): ProposedOperation {
  const { usable, others } = parametersOf(tool.inputSchema);
  const annotations = isJsonObject(tool.annotations) ? tool.annotations : undefined;
  const fields = proposeFields(usable);
  const classes = proposeClasses(tool.name, usable, annotations);
  const targets = proposeTargets(tool.name, usable, fields.secret);
  const named = Math.max(targets.length, fields.texts.length, fields.people.length);
  const most = LIMITS.draftArguments;
  return {
    name: tool.name,
    classes,
    worst: worstOf(classes.effect.value),
    targets: targets.slice(0, most),
    fields: { ...fields, texts: fields.texts.slice(0, most), people: fields.people.slice(0, most) },
    results: proposeResults(tool.name),
    remarks: [
      ...remarksOf(classes, annotations, others),
      ...(named > most ? [`${named} arguments name something; only the first ${most} stand here`] : []),
    ],
  };
}

/** What its server says that was not believed, and what could not be looked at. */
function remarksOf(
  { risk }: ProposedClasses,
  annotations: JsonObject | undefined,
  others: readonly string[],
): string[] {
  const said = annotations?.['readOnlyHint'] === true && risk.value !== 'read';
  return [
    ...(said
      ? ['its server calls it read-only; that is no reason, and the name or an argument says otherwise']
      : []),
    ...(others.length > 0 ? [`arguments with names that no entry can speak of: ${others.join(', ')}`] : []),
  ];
}

const WORST: readonly (readonly [Effect, string])[] = [
  ['execute', "Runs code of the caller's choosing, and whatever that can do"],
  ['spend', "Spends or moves the owner's money"],
  ['configure', 'Changes who may do what, from then on'],
  ['delete', 'Deletes what nobody has a copy of'],
  ['send', 'Tells people what the owner would never say, or carries a secret out'],
  ['update', 'Replaces what others rely on'],
  ['create', 'Makes what nobody asked for'],
];

function worstOf(effects: readonly Effect[]): string {
  const changes = effects.filter((effect) => effect !== 'read' && effect !== 'send');
  if (changes.length === 0 && !effects.includes('send'))
    return 'Reads what it should not, or brings instructions in';
  return WORST.find(([effect]) => effects.includes(effect))?.[1] ?? 'Does what nobody has thought of';
}

function readOnly(name: string, argument?: string, type = 'Thing'): ProposedOperation {
  const why = 'reading is all that this method does';
  return {
    name,
    classes: {
      risk: { value: 'read', why },
      effect: { value: ['read'], why },
      reversibility: { value: 'read-only', why },
      audience: { value: 'self', why: 'what it answers goes to the agent' },
    },
    worst: 'Reads what it should not, or brings instructions in',
    targets:
      argument === undefined
        ? []
        : [{ type, id: `{${argument}}`, optional: false, why: `"${argument}" names what is read` }],
    fields: { texts: [], people: [], secret: [] },
    results: proposeResults(''),
    remarks: [],
  };
}
