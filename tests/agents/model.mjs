// Model endpoints that play a script, so that real agent programs can be driven without a model service: Anthropic's
// Messages, OpenAI's Responses and Chat Completions, and Gemini's generateContent, as far as the programs of this suite
// ask for them.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { json } from 'node:stream/consumers';

/**
 * `steps` are the tool calls of the play, in order: `{ tool, input }`. Which one is next is how many results the
 * conversation holds; after the last one the model says that it is done. A step with a `name` is a tool of the program's own.
 * `tls`: `{ key, cert, port }`, where it is to be behind TLS. Answers `{ origin, heard, close }`; `heard` are
 * the tool results of the longest conversation so far, as JSON text.
 */
export async function startModel(face, server, steps, tls = null) {
  const heard = [];
  let turns = 0;
  const play = async (request, response) => {
    const body = request.method === 'POST' ? await json(request).catch(() => ({})) : {};
    const turn = face.turnOf(request, body);
    if (turn === null) {
      response.writeHead(request.method === 'HEAD' ? 200 : 404, { 'content-type': 'application/json' });
      response.end('{"error":{"type":"not_found_error","message":"not played here"}}');
      return;
    }
    if (turn.results.length > heard.length)
      heard.splice(0, heard.length, ...turn.results.map((one) => JSON.stringify(one)));
    const step = turn.hasTools ? steps[turn.results.length] : undefined;
    face.answer(response, body, { id: ++turns, server, step, turn });
  };
  const http = tls === null ? createServer(play) : createTlsServer(tls, play);
  http.listen(tls?.port ?? 0, '127.0.0.1');
  await once(http, 'listening');
  return {
    origin: `${tls === null ? 'http' : 'https'}://127.0.0.1:${http.address().port}`,
    heard,
    close() {
      http.closeAllConnections();
      http.close();
    },
  };
}

function stream(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  return (type, fields) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
}

export const anthropic = {
  turnOf({ method, url = '' }, { messages = [], tools = [] }) {
    if (method !== 'POST' || !url.startsWith('/v1/messages') || url.includes('count_tokens')) return null;
    const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
    return {
      results: parts.filter(({ type }) => type === 'tool_result'),
      // Small requests beside the conversation offer none. Tools of MCP servers may be offered later, by a search.
      hasTools: tools.length > 0,
    };
  },

  answer(response, { model, stream: streamed }, { id, server, step }) {
    const content =
      step === undefined
        ? { type: 'text', text: 'done' }
        : {
            type: 'tool_use',
            id: `toolu_${id}`,
            name: step.name ?? `mcp__${server}__${step.tool}`,
            input: step.input,
          };
    const stop_reason = step === undefined ? 'end_turn' : 'tool_use';
    const usage = { input_tokens: 1, output_tokens: 1 };
    const message = {
      id: `msg_${id}`,
      type: 'message',
      role: 'assistant',
      model,
      stop_sequence: null,
      usage,
    };
    if (streamed !== true) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...message, content: [content], stop_reason }));
      return;
    }
    const send = stream(response);
    const empty = step === undefined ? { ...content, text: '' } : { ...content, input: {} };
    const delta =
      step === undefined
        ? { type: 'text_delta', text: content.text }
        : { type: 'input_json_delta', partial_json: JSON.stringify(step.input) };
    send('message_start', { message: { ...message, content: [], stop_reason: null } });
    send('content_block_start', { index: 0, content_block: empty });
    send('content_block_delta', { index: 0, delta });
    send('content_block_stop', { index: 0 });
    send('message_delta', { delta: { stop_reason, stop_sequence: null }, usage });
    send('message_stop', {});
    response.end();
  },
};

export const openai = {
  turnOf({ method, url = '' }, { input = [] }) {
    if (method !== 'POST' || !url.startsWith('/v1/responses')) return null;
    const items = Array.isArray(input) ? input : [];
    return { results: items.filter(({ type }) => type === 'function_call_output'), hasTools: true };
  },

  answer(response, { model }, { id, server, step }) {
    const item =
      step === undefined
        ? {
            type: 'message',
            id: `msg_${id}`,
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text: 'done', annotations: [] }],
          }
        : {
            type: 'function_call',
            id: `fc_${id}`,
            call_id: `call_${id}`,
            // Codex hands the tools of one server to its model as a namespace.
            namespace: `mcp__${server}`,
            name: step.tool,
            arguments: JSON.stringify(step.input),
            status: 'completed',
          };
    const whole = { id: `resp_${id}`, object: 'response', model };
    const usage = {
      input_tokens: 1,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 1,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 2,
    };
    const send = stream(response);
    send('response.created', { response: { ...whole, status: 'in_progress', output: [] } });
    send('response.output_item.added', { output_index: 0, item });
    send('response.output_item.done', { output_index: 0, item });
    send('response.completed', { response: { ...whole, status: 'completed', output: [item], usage } });
    response.end();
  },
};

export const chat = {
  turnOf({ method, url = '' }, { messages = [], tools = [] }) {
    if (method !== 'POST' || !url.endsWith('/chat/completions')) return null;
    return { results: messages.filter(({ role }) => role === 'tool'), hasTools: tools.length > 0 };
  },

  answer(response, { model, stream: streamed }, { id, server, step }) {
    const calls =
      step === undefined
        ? undefined
        : [
            {
              id: `call_${id}`,
              type: 'function',
              function: { name: `${server}_${step.tool}`, arguments: JSON.stringify(step.input) },
            },
          ];
    const finish_reason = calls === undefined ? 'stop' : 'tool_calls';
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    const content = calls === undefined ? 'done' : '';
    const base = { id: `chat_${id}`, created: 1, model };
    if (streamed !== true) {
      const message = { role: 'assistant', content, ...(calls === undefined ? {} : { tool_calls: calls }) };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          ...base,
          object: 'chat.completion',
          choices: [{ index: 0, message, finish_reason }],
          usage,
        }),
      );
      return;
    }
    const tool_calls = calls?.map((call, index) => ({ index, ...call }));
    const delta = { role: 'assistant', content, ...(tool_calls === undefined ? {} : { tool_calls }) };
    const chunk = (choice, rest = {}) =>
      response.write(
        `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, ...choice }], ...rest })}\n\n`,
      );
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    chunk({ delta, finish_reason: null });
    chunk({ delta: {}, finish_reason }, { usage });
    response.end('data: [DONE]\n\n');
  },
};

export const gemini = {
  turnOf({ method, url = '' }, { contents = [], tools = [] }) {
    if (method !== 'POST' || !/generatecontent/i.test(url)) return null;
    const parts = contents.flatMap((one) => one.parts ?? []);
    return {
      results: parts.filter(({ functionResponse }) => functionResponse !== undefined),
      hasTools: tools.length > 0,
      url,
    };
  },

  answer(response, { generationConfig }, { server, step, turn }) {
    // Small questions beside the conversation want an object: which model, whether the answer goes on.
    const aside = generationConfig?.responseMimeType === 'application/json';
    const words = aside ? '{"reasoning":"x","model_choice":"flash","next_speaker":"user"}' : 'done';
    const part =
      step === undefined
        ? { text: words }
        : { functionCall: { name: `mcp_${server}_${step.tool}`, args: step.input } };
    const whole = JSON.stringify({
      candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    });
    const streamed = turn.url.includes('stream');
    response.writeHead(200, { 'content-type': streamed ? 'text/event-stream' : 'application/json' });
    response.end(streamed ? `data: ${whole}\r\n\r\n` : whole);
  },
};
