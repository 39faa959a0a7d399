import { ERRORS, type Problem, problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { META } from '../../../contract/mcp-meta.ts';
import type { TaskMethod } from '../../../model/task.ts';
import type { Answer, RpcError } from '../../../pipeline/ports/answer.ts';
import type { Generation } from '../../../pipeline/ports/call.ts';
import type { OrderMethod } from '../../../pipeline/ports/upstream.ts';
import { decisionMeta, denialSentence } from './denial.ts';
import { frameCreated } from './task-frame.ts';
import { type Answered, answerError, answerProblem, answerResult, type RequestId } from './wire.ts';

/** Which request is answered: enough to frame what the corridor said. */
export interface AnsweredRequest {
  readonly id: RequestId;
  readonly method: OrderMethod | TaskMethod;
  readonly generation: Generation;
  /** What the client called: tool or prompt name, or URI. */
  readonly called: string;
  /** Called on `/mcp`, where every name begins with that of its upstream. */
  readonly isJoined?: boolean;
}

/** The corridor's answer as the client's generation words it. */
export function frameAnswer(request: AnsweredRequest, answer: Answer): Answered {
  switch (answer.kind) {
    case 'result': {
      const framed = frameResult(request, answer.result);
      return answerResult(request.id, framed, framed === answer.result ? answer.text : undefined);
    }
    case 'error':
      return answerError(
        request.id,
        frameError(request.generation, answer.error),
        statusOfError(request, answer.error),
      );
    case 'input-required':
      return answerResult(request.id, {
        resultType: 'input_required',
        ...(Object.keys(answer.requests).length === 0 ? {} : { inputRequests: answer.requests }),
        requestState: answer.state,
      });
    case 'task':
      return answerResult(request.id, frameCreated(answer.task, request.generation));
    case 'denied':
    case 'failed': {
      const { sentence, rpc, meta } = failureOf(request, answer);
      if (request.method === 'tools/call') return answerResult(request.id, framedResult(request, answer));
      return answerError(request.id, { code: rpc, message: sentence, data: meta });
    }
    case 'refused':
      return answerProblem(request.id, answer.problem, request.generation);
  }
}

/**
 * A tool's denial or failure is a tool result, so that the model sees it (MCP Tools, "Error Handling"). Reading a
 * resource or getting a prompt has no such form: there it is a JSON-RPC error with the same members in `data`.
 */
export function framedResult(request: AnsweredRequest, answer: Answer): JsonObject {
  if (answer.kind === 'result') return frameResult(request, answer.result);
  const { sentence, meta } = failureOf(request, answer);
  return frameResult(request, { content: [{ type: 'text', text: sentence }], isError: true, _meta: meta });
}

function failureOf(
  request: AnsweredRequest,
  answer: Answer,
): { sentence: string; rpc: number; meta: JsonObject } {
  if (answer.kind === 'denied') {
    const { action, decision, helps } = answer;
    return {
      sentence: denialSentence(request, decision, helps),
      rpc: ERRORS[decision.code ?? 'DECISION_FAILED'].rpc,
      meta: { [META.decision]: decisionMeta(action, decision) },
    };
  }
  const { code, sentence } = answer.kind === 'failed' ? answer.problem : problem('INTERNAL');
  const action = answer.kind === 'failed' ? { action: answer.action } : {};
  return { sentence, rpc: ERRORS[code].rpc, meta: { [META.outcome]: { code, ...action } } };
}

/**
 * 2026-07-28: every result says `resultType`, and that nobody may cache it, whatever its server says and whichever method it
 * answers: each request is decided anew. An older client is not shown members that its generation does not know.
 */
function frameResult(request: AnsweredRequest, result: JsonObject): JsonObject {
  if (request.generation === '2026') {
    const isCacheable = Object.hasOwn(result, 'cacheScope') || Object.hasOwn(result, 'ttlMs');
    if (request.method === 'resources/read' || isCacheable)
      return { ...frameComplete(result), ttlMs: 0, cacheScope: 'private' };
    return frameComplete(result);
  }
  if (result['resultType'] === undefined && result['cacheScope'] === undefined) return result;
  const { resultType: _type, ttlMs: _ttl, cacheScope: _scope, ...rest } = result;
  return rest;
}

function frameComplete(result: JsonObject): JsonObject {
  if (result['resultType'] === 'complete') return result;
  // An older server cannot ask by a result. Members that look like that were never checked, so no client gets them.
  const { inputRequests: _requests, requestState: _state, ...rest } = result;
  return { ...rest, resultType: 'complete' };
}

/** -32002 is reserved in 2026-07-28 and "MUST NOT" be emitted; its successor for a missing resource is -32602. */
export function frameError(generation: Generation, error: RpcError): RpcError {
  return generation === '2026' && error.code === -32002 ? { ...error, code: -32602 } : error;
}

/** 2026-07-28, MissingRequiredClientCapabilityError: "the response status MUST be 400 Bad Request". */
function statusOfError(request: AnsweredRequest, error: RpcError): number {
  return request.generation === '2026' && error.code === -32021 ? 400 : 200;
}

/** Whether a problem is one of ours about the request (counted in `instance.refused`) rather than a decision. */
export function isRefusal(found: Problem): boolean {
  return ERRORS[found.code].kind === 'refuse';
}
