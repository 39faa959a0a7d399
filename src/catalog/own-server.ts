import type { JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import type { OperationEntry } from './entry.ts';
import { type Definition, type Listed, readListed } from './pins/definition.ts';

/** The server that is built in, and offered to every agent: its ways forward when a rule or a question stops it. */
export const OWN_UPSTREAM = 'lanyard';

const text = (description: string, maxLength: number = LIMITS.appealTextLength): JsonObject => ({
  type: 'string',
  description,
  minLength: 1,
  maxLength,
});

const tool = (
  name: string,
  title: string,
  description: string,
  properties: JsonObject,
  required: readonly string[],
): JsonObject => ({
  name,
  title,
  description,
  inputSchema: { type: 'object', properties, required: [...required], additionalProperties: false },
});

const TOOLS: readonly JsonObject[] = [
  tool(
    'what_may_i_do',
    'What may I do?',
    'What you may do by the rules in force: at once, after a person says yes, or depending on the arguments.',
    {},
    [],
  ),
  tool(
    'ask_person',
    'Ask a person',
    'Asks the person who answers for you, with options where a choice will do. She answers in her inbox; call again with the same words to learn the answer.',
    {
      question: text('One question that can be answered without reading anything else'),
      options: {
        type: 'array',
        description: 'The answers to choose from; without them the person writes one',
        items: { type: 'string', minLength: 1, maxLength: LIMITS.appealOptionLength },
        maxItems: LIMITS.appealOptions,
      },
    },
    ['question'],
  ),
  tool(
    'request_permission',
    'Request permission',
    'Proposes a rule to the person who answers for you. It permits nothing by itself: she may make it a rule, or refuse.',
    {
      operation: {
        ...text('As it stands in the denial, such as mcp:files/write_file', 256),
        pattern: '^[a-z]{2,16}:[A-Za-z0-9_./-]{1,180}$',
      },
      target: {
        type: 'object',
        description: 'Only this one, as it stands in the denial; without it, any',
        properties: {
          type: { type: 'string', pattern: '^[A-Z][A-Za-z0-9]{0,63}$' },
          id: { type: 'string', minLength: 1, maxLength: 1000 },
        },
        required: ['type', 'id'],
        additionalProperties: false,
      },
      need: text('What the task needs it for'),
      hours: {
        type: 'integer',
        description: 'For how long the rule is to hold',
        minimum: 1,
        maximum: LIMITS.appealHours,
      },
      worst: text('The worst that could come of it'),
    },
    ['operation', 'need', 'hours', 'worst'],
  ),
  tool(
    'hand_over',
    'Hand over',
    'Tells the person who answers for you what you did and what is left, for her to go on with.',
    { done: text('What was done'), left: text('What is left, and where to begin') },
    ['done', 'left'],
  ),
  tool(
    'freeze_me',
    'Freeze me',
    'Stops you, and nobody else, at once: use it when something has gone wrong or you no longer trust what you were told. Only a person can release you.',
    { reason: text('What has gone wrong') },
    ['reason'],
  ),
];

/** What it lists, the same to everybody. */
export const OWN_LISTED: Listed = {
  server: { name: OWN_UPSTREAM, title: 'Lanyard', version: '1' },
  instructions:
    'When something is denied or you are unsure: what_may_i_do, ask_person, request_permission, hand_over, freeze_me.',
  tools: TOOLS,
  prompts: [],
  resources: [],
  resourceTemplates: [],
};

function definitions(): readonly Definition[] {
  const read = readListed(OWN_LISTED);
  if (!read.ok || read.value.hidden.length > 0)
    throw new Error('the built-in server does not fit its limits');
  return read.value.definitions;
}

/** Pinned by the code itself: no file and no person has taken them, and none can change them. */
export const OWN_DEFINITIONS: readonly Definition[] = definitions();

const NOTHING = { texts: [], people: [], changes: [], secret: [], targets: [] } as const;

/**
 * They reach nobody but the agent's own owner, and touch nothing outside Lanyard: the class is `read`, so that an agent
 * that is watched can still ask. Only a stop is more, and it stops nobody else.
 */
const ENTRY: OperationEntry = {
  ...NOTHING,
  risk: 'read',
  effect: ['create'],
  reversibility: 'reversible',
  audience: 'team',
  worst: 'Takes up the time of the person who answers for the agent',
  source: 'trusted',
  sensitivity: 'internal',
};

const ENTRIES: ReadonlyMap<string, OperationEntry> = new Map<string, OperationEntry>([
  [
    'what_may_i_do',
    {
      ...ENTRY,
      effect: ['read'],
      reversibility: 'read-only',
      audience: 'self',
      worst: 'Shows the agent what it may do',
    },
  ],
  ['ask_person', ENTRY],
  [
    'request_permission',
    {
      ...ENTRY,
      // A no is looked back on by what was asked for: rules see who asks for the same again.
      targets: [{ type: 'Target', id: [{ of: 'arguments', path: ['operation'] }], parents: [] }],
    },
  ],
  ['hand_over', ENTRY],
  [
    'freeze_me',
    {
      ...ENTRY,
      effect: ['update'],
      audience: 'self',
      worst: 'The agent stands still until a person releases it',
    },
  ],
]);

/** The catalog's entry of one of them. */
export const ownEntryOf = (name: string): OperationEntry | undefined => ENTRIES.get(name);
