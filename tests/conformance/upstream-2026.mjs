// A server of 2026-07-28 (SDK 2.x) that offers all that the conformance scenarios of that generation use, the tasks
// extension included.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  acceptedContent,
  createMcpHandler,
  inputRequired,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  Server,
} from '@modelcontextprotocol/server';
import {
  complete,
  PLAIN_TOOLS,
  PROMPTS,
  plainAnswer,
  progressing,
  prompt,
  RESOURCES,
  read,
  said,
  TEMPLATES,
  tool,
} from './offer.mjs';
import { answer, serve } from './serve.mjs';
import { EXTENSION, TASK_TOOLS, takeTask } from './tasks.mjs';

const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const key = randomBytes(32);

/** Opaque to the client, and refused where it was changed. */
function seal(state) {
  const payload = Buffer.from(JSON.stringify(state)).toString('base64url');
  return `${payload}.${createHmac('sha256', key).update(payload).digest('base64url')}`;
}
function unseal(sealed) {
  const [payload, mac = ''] = sealed.split('.');
  const right = createHmac('sha256', key).update(payload).digest();
  const given = Buffer.from(mac, 'base64url');
  if (mac !== right.toString('base64url') || !timingSafeEqual(given, right)) throw new Error('not ours');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
}

const ask = (message, property, type = 'string') =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { [property]: { type } }, required: [property] },
  });
const sample = (words, maxTokens) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: words } }],
    maxTokens,
  });

const CALLS = {
  test_tool_with_progress: ({ _meta, notify }) => progressing(_meta?.progressToken, notify),
  async test_logging_tool({ log }) {
    await log('info', 'Working.');
    return said('Logged, if asked to.');
  },
  test_missing_capability({ envelope }) {
    if (envelope?.[CAPABILITIES]?.sampling === undefined)
      throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } });
    return said('It may sample.');
  },
  test_streaming_elicitation: ({ inputResponses }) =>
    inputResponses?.answer === undefined
      ? inputRequired({ inputRequests: { answer: ask('Which one?', 'answer') } })
      : said('Answered.'),
  test_trigger_tool_change: () => change('tools'),
  test_trigger_prompt_change: () => change('prompts'),
  test_x_mcp_header: () => said('The header was right.'),

  test_input_required_result_elicitation({ inputResponses }) {
    const { name } = acceptedContent(inputResponses, 'user_name') ?? {};
    return typeof name === 'string'
      ? said(`Hello, ${name}!`)
      : inputRequired({ inputRequests: { user_name: ask('What is your name?', 'name') } });
  },
  test_input_required_result_sampling({ inputResponses }) {
    const words = inputResponses?.capital_question?.content?.text;
    return words === undefined
      ? inputRequired({
          inputRequests: { capital_question: sample('What is the capital of France?', 100) },
        })
      : said(`The model says: ${words}`);
  },
  test_input_required_result_list_roots({ inputResponses }) {
    const roots = inputResponses?.client_roots?.roots;
    return Array.isArray(roots)
      ? said(`Roots: ${roots.map(({ uri }) => uri).join(', ')}`)
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  },
  test_input_required_result_request_state: ({ inputResponses, requestState }) =>
    confirmed(inputResponses, requestState()),
  test_input_required_result_tampered_state: ({ inputResponses, requestState }) =>
    confirmed(inputResponses, requestState()),
  test_input_required_result_multiple_inputs({ inputResponses, requestState }) {
    const keys = ['user_name', 'greeting', 'client_roots'];
    if (requestState() !== undefined && keys.every((one) => inputResponses?.[one] !== undefined))
      return said('All three were answered.');
    return inputRequired({
      requestState: seal({ round: 1 }),
      inputRequests: {
        user_name: ask('What is your name?', 'name'),
        greeting: sample('Generate a greeting', 50),
        client_roots: inputRequired.listRoots(),
      },
    });
  },
  test_input_required_result_multi_round({ inputResponses, requestState }) {
    const { round } = requestState() ?? {};
    if (round === 2 && inputResponses?.step2 !== undefined) return said('Both steps were answered.');
    if (round === 1 && inputResponses?.step1 !== undefined)
      return inputRequired({
        requestState: seal({ round: 2 }),
        inputRequests: { step2: ask('Step 2: What is your favorite color?', 'color') },
      });
    return inputRequired({
      requestState: seal({ round: 1 }),
      inputRequests: { step1: ask('Step 1: What is your name?', 'name') },
    });
  },
  test_input_required_result_capabilities({ envelope, inputResponses }) {
    if (inputResponses !== undefined) return said('Answered.');
    const { sampling, elicitation } = envelope?.[CAPABILITIES] ?? {};
    const inputRequests = {
      ...(sampling === undefined ? {} : { words: sample('Anything', 50) }),
      ...(elicitation === undefined ? {} : { name: ask('What is your name?', 'name') }),
    };
    return Object.keys(inputRequests).length === 0
      ? said('Nothing to ask.')
      : inputRequired({ inputRequests });
  },
};

function confirmed(inputResponses, state) {
  if (state !== undefined && inputResponses?.confirm !== undefined) return said('state-ok');
  return inputRequired({
    requestState: seal({ asked: true }),
    inputRequests: { confirm: ask('Please confirm', 'ok', 'boolean') },
  });
}

const HEADER_SCHEMA = {
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
};
/** One tool and one prompt come and go, so that lists really change. */
const away = { tools: false, prompts: false };
function change(what) {
  away[what] = !away[what];
  if (what === 'tools') handler.notify.toolsChanged();
  else handler.notify.promptsChanged();
  return said(`The list of ${what} has changed.`);
}

const CALLED = Object.keys(CALLS).map((name) =>
  name === 'test_x_mcp_header'
    ? tool(name, 'Repeats an argument in a header', HEADER_SCHEMA)
    : tool(name, 'For one scenario'),
);
const tools = () => [
  ...PLAIN_TOOLS,
  ...CALLED,
  ...TASK_TOOLS,
  ...(away.tools ? [] : [tool('test_comes_and_goes', 'Is not always there')]),
];
const ASKING = {
  name: 'test_input_required_result_prompt',
  description: 'Asks for its context',
};
const prompts = () => [
  ...PROMPTS,
  ASKING,
  ...(away.prompts ? [] : [{ name: 'test_comes_and_goes', description: 'Is not always there' }]),
];

function promptOf({ name, arguments: args }, { inputResponses }) {
  if (name !== ASKING.name) return found(prompt(name, args), `prompt ${name}`);
  const { context } = acceptedContent(inputResponses, 'user_context') ?? {};
  if (typeof context !== 'string')
    return inputRequired({
      inputRequests: { user_context: ask('What context should the prompt use?', 'context') },
    });
  return { messages: [{ role: 'user', content: { type: 'text', text: `Context: ${context}` } }] };
}

function found(value, what, data) {
  if (value === undefined) throw new ProtocolError(-32602, `There is no ${what}.`, data);
  return value;
}

function createServer() {
  const server = new Server(
    { name: 'conforming-2026', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
        extensions: { [EXTENSION]: {} },
      },
      requestState: { verify: unseal },
    },
  );
  server.setRequestHandler('tools/list', () => ({ tools: tools() }));
  server.setRequestHandler('tools/call', ({ params: { name } }, { mcpReq }) => {
    const call = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
    return call === undefined ? found(plainAnswer(name), `tool ${name}`) : call(mcpReq);
  });
  server.setRequestHandler('resources/list', () => ({ resources: RESOURCES }));
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: TEMPLATES }));
  server.setRequestHandler('resources/read', ({ params: { uri } }) =>
    found(read(uri), `resource ${uri}`, { uri }),
  );
  server.setRequestHandler('prompts/list', () => ({ prompts: prompts() }));
  server.setRequestHandler('prompts/get', ({ params }, { mcpReq }) => promptOf(params, mcpReq));
  server.setRequestHandler('completion/complete', ({ params: { argument } }) => complete(argument.value));
  return server;
}

/** Whether the header of `test_x_mcp_header` agrees with its argument; the SDK leaves that to servers. */
function headerAgrees(headers, { method, params }) {
  if (method !== 'tools/call' || params?.name !== 'test_x_mcp_header') return true;
  const { region } = params.arguments ?? {};
  const given = headers['mcp-param-region'];
  const wrapped = given === undefined ? null : /^=\?base64\?(.*)\?=$/.exec(given);
  if (wrapped === null) return given === region;
  const bytes = Buffer.from(wrapped[1], 'base64');
  return bytes.toString('base64') === wrapped[1] && bytes.toString('utf8') === region;
}

const handler = createMcpHandler(createServer, { legacy: 'reject' });
const handle = toNodeHandler(handler);

serve(async (request, response, body) => {
  if (body?.id !== undefined && !headerAgrees(request.headers, body)) {
    const error = { code: -32020, message: 'A header does not agree with the body.' };
    answer(response, 400, { jsonrpc: '2.0', id: body.id, error });
    return;
  }
  const task = body?.id === undefined ? undefined : takeTask(request.headers, body);
  if (task === undefined) {
    await handle(request, response, body);
    return;
  }
  const { status, ...rest } = task;
  answer(response, status, { jsonrpc: '2.0', id: body.id, ...rest });
});
