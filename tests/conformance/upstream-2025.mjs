// A server of 2025-11-25 (SDK 1.x, Streamable HTTP with sessions and resumable streams) that offers all that the
// conformance scenarios of that generation use.
import { randomUUID } from 'node:crypto';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  CreateMessageResultSchema,
  ElicitResultSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import {
  complete,
  PLAIN_TOOLS,
  PROMPTS,
  pause,
  plainAnswer,
  progressing,
  prompt,
  RESOURCES,
  read,
  said,
  strings,
  TEMPLATES,
  tool,
} from './offer.mjs';
import { answer, serve } from './serve.mjs';

const string = (rest = {}) => ({ type: 'string', ...rest });
const titled = (...titles) => titles.map((title, at) => ({ const: `value${at + 1}`, title }));
const OPTIONS = ['option1', 'option2', 'option3'];

/** What the three tools ask a person for. */
const FORMS = {
  test_elicitation: {
    type: 'object',
    properties: {
      username: string({ description: "User's response" }),
      email: string({ description: "User's email address" }),
    },
    required: ['username', 'email'],
  },
  test_elicitation_sep1034_defaults: {
    type: 'object',
    properties: {
      name: string({ default: 'John Doe' }),
      age: { type: 'integer', default: 30 },
      score: { type: 'number', default: 95.5 },
      status: string({ enum: ['active', 'inactive', 'pending'], default: 'active' }),
      verified: { type: 'boolean', default: true },
    },
  },
  test_elicitation_sep1330_enums: {
    type: 'object',
    properties: {
      untitledSingle: string({ enum: OPTIONS }),
      titledSingle: string({ oneOf: titled('First Option', 'Second Option', 'Third Option') }),
      legacyEnum: string({
        enum: ['opt1', 'opt2', 'opt3'],
        enumNames: ['Option One', 'Option Two', 'Option Three'],
      }),
      untitledMulti: { type: 'array', items: string({ enum: OPTIONS }) },
      titledMulti: {
        type: 'array',
        items: { anyOf: titled('First Choice', 'Second Choice', 'Third Choice') },
      },
    },
  },
};

const TOOLS = [
  ...PLAIN_TOOLS,
  tool('test_tool_with_logging', 'Logs on the way'),
  tool('test_tool_with_progress', 'Tells its progress'),
  tool('test_sampling', 'Asks the model behind the client', strings('prompt')),
  tool('test_elicitation', 'Asks the person behind the client', strings('message')),
  tool('test_elicitation_sep1034_defaults', 'Asks with defaults'),
  tool('test_elicitation_sep1330_enums', 'Asks with choices'),
  tool('test_reconnection', 'Closes its stream and answers later'),
];

const CALLS = {
  async test_tool_with_logging(_args, { sendNotification }) {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await sendNotification({ method: 'notifications/message', params: { level: 'info', data } });
      await pause(50);
    }
    return said('Logged.');
  },
  test_tool_with_progress: (_args, { _meta, sendNotification }) =>
    progressing(_meta?.progressToken, sendNotification),
  async test_sampling(args, { sendRequest }) {
    const messages = [{ role: 'user', content: { type: 'text', text: args.prompt } }];
    const params = { messages, maxTokens: 100 };
    const { content } = await sendRequest(
      { method: 'sampling/createMessage', params },
      CreateMessageResultSchema,
    );
    return said(`LLM response: ${content.text}`);
  },
  test_elicitation: (args, extra) => elicit('test_elicitation', args.message, extra),
  test_elicitation_sep1034_defaults: (_args, extra) =>
    elicit('test_elicitation_sep1034_defaults', 'Please review', extra),
  test_elicitation_sep1330_enums: (_args, extra) =>
    elicit('test_elicitation_sep1330_enums', 'Please choose', extra),
  async test_reconnection(_args, { closeSSEStream }) {
    await pause(100);
    closeSSEStream?.();
    await pause(100);
    return said('Answered after the stream was closed.');
  },
};

async function elicit(form, message, { sendRequest }) {
  const params = { message, requestedSchema: FORMS[form] };
  const { action, content } = await sendRequest({ method: 'elicitation/create', params }, ElicitResultSchema);
  return said(`Elicitation completed: action=${action}, content=${JSON.stringify(content)}`);
}

function found(value, what) {
  if (value === undefined) throw new McpError(-32602, `There is no ${what}.`);
  return value;
}

function createServer() {
  const server = new Server(
    { name: 'conforming-2025', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
    },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOLS }));
  server.setRequestHandler(CallToolRequestSchema, ({ params: { name, arguments: args = {} } }, extra) => {
    const call = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
    return call === undefined ? found(plainAnswer(name), `tool ${name}`) : call(args, extra);
  });
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: RESOURCES }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: TEMPLATES }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) =>
    found(read(uri), `resource ${uri}`),
  );
  server.setRequestHandler(SubscribeRequestSchema, () => ({}));
  server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));
  server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: PROMPTS }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params: { name, arguments: args } }) =>
    found(prompt(name, args), `prompt ${name}`),
  );
  server.setRequestHandler(CompleteRequestSchema, ({ params: { argument } }) => complete(argument.value));
  return server;
}

/** The events of one session, so that a stream that was closed can be taken up again. */
class Events {
  #events = [];

  storeEvent(stream, message) {
    this.#events.push({ stream, message });
    return Promise.resolve(String(this.#events.length - 1));
  }

  getStreamIdForEventId(id) {
    return Promise.resolve(this.#events[Number(id)]?.stream);
  }

  async replayEventsAfter(id, { send }) {
    const { stream } = this.#events[Number(id)];
    for (let at = Number(id) + 1; at < this.#events.length; at++) {
      const event = this.#events[at];
      // The event that opens a stream holds no message.
      if (event.stream === stream && Object.keys(event.message).length > 0)
        await send(String(at), event.message);
    }
    return stream;
  }
}

const sessions = new Map();

serve(async (request, response, body) => {
  const id = request.headers['mcp-session-id'];
  const known = id === undefined ? undefined : sessions.get(id);
  if (known !== undefined) {
    await known.handleRequest(request, response, body);
    return;
  }
  if (body?.method !== 'initialize') {
    const error = { code: -32000, message: 'no such session' };
    answer(response, id === undefined ? 400 : 404, { jsonrpc: '2.0', id: null, error });
    return;
  }
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: new Events(),
    retryInterval: 200,
    onsessioninitialized: (session) => sessions.set(session, transport),
    onsessionclosed: (session) => sessions.delete(session),
  });
  await createServer().connect(transport);
  await transport.handleRequest(request, response, body);
});
