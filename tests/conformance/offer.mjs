// What the conformance scenarios ask of a server, whichever generation serves it: tools that answer at once, resources,
// prompts and completion. Names and texts are those that the scenarios describe.
const text = (words) => ({ type: 'text', text: words });
const said = (words) => ({ content: [text(words)] });

/** One transparent pixel, and 44 bytes of WAV without a sample. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=';
const image = { type: 'image', data: PNG, mimeType: 'image/png' };
const embedded = (uri, mimeType, words) => ({ type: 'resource', resource: { uri, mimeType, text: words } });

const none = { type: 'object', properties: {} };
const strings = (...names) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
  required: names,
});
export const tool = (name, description, inputSchema = none) => ({ name, description, inputSchema });

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const ADVANCED = {
  $schema: DIALECT,
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  ...Object.fromEntries([
    ['if', { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] }],
    ['then', { required: ['phone'] }],
    ['else', { required: ['email'] }],
  ]),
  additionalProperties: false,
};

/** Tools that answer at once: definition and answer. */
const PLAIN = [
  [tool('test_simple_text', 'Answers with text'), said('This is a simple text response for testing.')],
  [tool('test_image_content', 'Answers with an image'), { content: [image] }],
  [
    tool('test_audio_content', 'Answers with sound'),
    { content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] },
  ],
  [
    tool('test_embedded_resource', 'Answers with a resource'),
    {
      content: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
    },
  ],
  [
    tool('test_multiple_content_types', 'Answers with several kinds'),
    {
      content: [
        text('Multiple content types test:'),
        image,
        embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
      ],
    },
  ],
  [
    tool('test_error_handling', 'Always fails'),
    { isError: true, ...said('This tool intentionally returns an error for testing') },
  ],
  [tool('json_schema_2020_12_tool', 'Has a schema of 2020-12', ADVANCED), said('taken')],
];
export const PLAIN_TOOLS = PLAIN.map(([definition]) => definition);
const ANSWERS = new Map(PLAIN.map(([{ name }, answer]) => [name, answer]));
/** The answer of a tool that answers at once; undefined for any other. */
export const plainAnswer = (name) => ANSWERS.get(name);
export { none, said, strings };

/** Tells progress 0, 50 and 100 of 100 in three steps. `notify` takes one notification. */
export async function progressing(token, notify) {
  for (const progress of [0, 50, 100]) {
    if (token !== undefined)
      await notify({
        method: 'notifications/progress',
        params: { progressToken: token, progress, total: 100 },
      });
    await pause(50);
  }
  return said('Progress was told.');
}

export async function pause(ms) {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

export const RESOURCES = [
  { uri: 'test://static-text', name: 'text', description: 'A text', mimeType: 'text/plain' },
  { uri: 'test://static-binary', name: 'binary', description: 'A picture', mimeType: 'image/png' },
  {
    uri: 'test://watched-resource',
    name: 'watched',
    description: 'A text that changes',
    mimeType: 'text/plain',
  },
];
export const TEMPLATES = [
  {
    uriTemplate: 'test://template/{id}/data',
    name: 'template',
    description: 'By id',
    mimeType: 'application/json',
  },
];
const CONTENTS = {
  'test://static-text': { mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
  'test://static-binary': { mimeType: 'image/png', blob: PNG },
  'test://watched-resource': { mimeType: 'text/plain', text: 'Watched.' },
};
/** The result of reading `uri`; undefined where there is no such resource. */
export function read(uri) {
  if (Object.hasOwn(CONTENTS, uri)) return { contents: [{ uri, ...CONTENTS[uri] }] };
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id === undefined) return undefined;
  const words = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
  return { contents: [{ uri, mimeType: 'application/json', text: words }] };
}

const user = (content) => ({ role: 'user', content });
const argument = (name) => ({ name, description: `The ${name}`, required: true });
const PROMPT_ROWS = [
  [
    { name: 'test_simple_prompt', description: 'Without arguments' },
    () => [user(text('This is a simple prompt for testing.'))],
  ],
  [
    {
      name: 'test_prompt_with_arguments',
      description: 'With two',
      arguments: [argument('arg1'), argument('arg2')],
    },
    ({ arg1, arg2 }) => [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))],
  ],
  [
    {
      name: 'test_prompt_with_embedded_resource',
      description: 'With a resource',
      arguments: [argument('resourceUri')],
    },
    ({ resourceUri }) => [
      user(embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.')),
      user(text('Please process the embedded resource above.')),
    ],
  ],
  [
    { name: 'test_prompt_with_image', description: 'With an image' },
    () => [user(image), user(text('Please analyze the image above.'))],
  ],
];
export const PROMPTS = PROMPT_ROWS.map(([definition]) => definition);
const MESSAGES = new Map(PROMPT_ROWS.map(([{ name }, messages]) => [name, messages]));
/** The result of getting a prompt; undefined where there is none of that name. */
export function prompt(name, args = {}) {
  const messages = MESSAGES.get(name);
  return messages === undefined ? undefined : { messages: messages(args) };
}

/** What completion answers: those of three words that begin as the value does. */
export function complete(value) {
  const values = ['test', 'testing', 'paris'].filter((word) => word.startsWith(value));
  return { completion: { values, total: values.length, hasMore: false } };
}
