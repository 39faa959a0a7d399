// The extension io.modelcontextprotocol/tasks (SEP-2663), which no SDK speaks yet: it stands before the SDK's handler and
// takes the methods of tasks, and the calls of tools that run as tasks.
import { randomUUID } from 'node:crypto';
import { none, said, strings, tool } from './offer.mjs';

export const EXTENSION = 'io.modelcontextprotocol/tasks';
const META = {
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  version: 'io.modelcontextprotocol/protocolVersion',
};
const METHODS = ['tasks/get', 'tasks/update', 'tasks/cancel'];

const seconds = { type: 'number', minimum: 0 };
const SLOW = { type: 'object', properties: { seconds, label: { type: 'string' } } };
const FILE = { type: 'object', properties: { filename: { type: 'string' } } };
export const TASK_TOOLS = [
  tool('greet', 'Greets at once', strings('name')),
  tool('slow_compute', 'Takes some seconds', SLOW),
  tool('failing_job', 'Runs as a task and fails', none),
  tool('protocol_error_job', 'Runs as a task that breaks', none),
  tool('confirm_delete', 'Asks before it deletes', FILE),
  tool('multi_input', 'Asks for two things at once', none),
  tool('test_tool_with_task', 'Asks, then runs as a task', none),
];

const form = (message) => ({
  method: 'elicitation/create',
  params: {
    mode: 'form',
    message,
    requestedSchema: {
      type: 'object',
      properties: { name: { type: 'string' }, confirm: { type: 'boolean' } },
    },
  },
});

/** What each tool does as a task. */
const JOBS = {
  slow_compute: ({ seconds: many = 0 }, task) =>
    task.after(many * 1000, () => task.complete(said('computed'))),
  failing_job: (_args, task) => task.after(300, () => task.complete({ isError: true, ...said('failed') })),
  protocol_error_job: (_args, task) =>
    task.after(100, () => task.fail({ code: -32603, message: 'it broke' })),
  confirm_delete: ({ filename }, task) =>
    task.ask({ confirm: form(`Delete ${filename}?`) }, () => task.complete(said(`deleted ${filename}`))),
  multi_input: (_args, task) =>
    task.ask({ first: form('The first?'), second: form('The second?') }, () => task.complete(said('both'))),
  test_tool_with_task: ({ name }, task) => task.after(50, () => task.complete(said(`Hello, ${name}!`))),
};
/** Those that have no other form. */
const ALWAYS = ['failing_job', 'protocol_error_job', 'confirm_delete', 'multi_input', 'test_tool_with_task'];

class Task {
  id = randomUUID();
  #createdAt = new Date().toISOString();
  #updatedAt = this.#createdAt;
  #state = { status: 'working' };
  #timer;
  #answered = () => {};

  #become(state) {
    clearTimeout(this.#timer);
    this.#updatedAt = new Date().toISOString();
    this.#state = state;
  }

  after(ms, then) {
    this.#timer = setTimeout(then, ms);
  }

  complete(result) {
    this.#become({ status: 'completed', result: { resultType: 'complete', ...result } });
  }

  fail(error) {
    this.#become({ status: 'failed', error });
  }

  ask(inputRequests, then) {
    this.#answered = then;
    this.#become({ status: 'input_required', inputRequests });
  }

  update(responses) {
    if (this.#state.status !== 'input_required') return;
    const open = Object.entries(this.#state.inputRequests).filter(([key]) => !Object.hasOwn(responses, key));
    if (open.length > 0) this.#become({ status: 'input_required', inputRequests: Object.fromEntries(open) });
    else {
      this.#become({ status: 'working' });
      this.after(50, this.#answered);
    }
  }

  cancel() {
    if (this.#state.status === 'working' || this.#state.status === 'input_required')
      this.#become({ status: 'cancelled' });
  }

  get brief() {
    return {
      taskId: this.id,
      status: this.#state.status,
      createdAt: this.#createdAt,
      lastUpdatedAt: this.#updatedAt,
      ttlMs: 60_000,
      pollIntervalMs: 100,
    };
  }

  get whole() {
    return { ...this.brief, ...this.#state };
  }
}

const tasks = new Map();
const error = (code, message, data) => ({
  status: code === -32602 ? 200 : 400,
  error: { code, message, data },
});
const complete = (result = {}) => ({ status: 200, result: { resultType: 'complete', ...result } });
const missing = error(-32021, 'The client must declare the tasks extension.', {
  requiredCapabilities: { extensions: { [EXTENSION]: {} } },
});

/** What a request is answered with, `{ status, result | error }`; undefined where it is not about tasks. */
export function takeTask(headers, { method, params = {} }) {
  const declared = params._meta?.[META.capabilities]?.extensions?.[EXTENSION] !== undefined;
  if (METHODS.includes(method)) return takeMethod(headers, method, params, declared);
  if (method !== 'tools/call') return undefined;
  const { name, arguments: args = {} } = params;
  if (headers['mcp-method'] !== method || headers['mcp-name'] !== name) return undefined; // the SDK refuses it
  if (name === 'greet') return complete(said(`Hello, ${args.name}!`));
  if (!Object.hasOwn(JOBS, name)) return undefined;
  if (name === 'test_tool_with_task') return escalate(params, declared);
  if (!declared) return ALWAYS.includes(name) ? missing : complete(said('computed at once'));
  // What takes no time is answered at once.
  return name === 'slow_compute' && args.seconds === 0 ? complete(said('computed')) : create(name, args);
}

function create(name, args) {
  const task = new Task();
  tasks.set(task.id, task);
  JOBS[name](args, task);
  return { status: 200, result: { ...task.brief, resultType: 'task' } };
}

/** Asks for a name by an input_required of the call itself, and runs as a task with it. */
function escalate({ inputResponses }, declared) {
  const name = inputResponses?.user_name?.content?.name;
  if (typeof name === 'string') return declared ? create('test_tool_with_task', { name }) : missing;
  const result = { resultType: 'input_required', inputRequests: { user_name: form('What is your name?') } };
  return { status: 200, result };
}

function takeMethod(headers, method, params, declared) {
  if (headers['mcp-method'] !== method || headers['mcp-name'] !== params.taskId)
    return error(-32020, 'A header does not agree with the body.');
  if (!declared) return missing;
  const task = tasks.get(params.taskId);
  if (task === undefined) return error(-32602, 'There is no such task.');
  if (method === 'tasks/get') return complete(task.whole);
  if (method === 'tasks/update') task.update(params.inputResponses ?? {});
  else task.cancel();
  return complete();
}
