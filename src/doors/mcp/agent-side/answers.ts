import { ERRORS, type Problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { META } from '../../../contract/mcp-meta.ts';
import type { Answer, Generation, OrderMethod, RpcError } from '../../../pipeline/ports.ts';
import { decisionMeta, denialSentence } from './denial.ts';
import { type Answered, answerError, answerProblem, answerResult, type RequestId } from './wire.ts';

/** Which request is answered: enough to frame what the corridor said. */
export interface Asked {
  readonly id: RequestId;
  readonly method: OrderMethod;
  readonly generation: Generation;
  /** What the client called: tool or prompt name, or URI. */
  readonly called: string;
}

/** The corridor's answer as the client's generation words it. */
export function frameAnswer(asked: Asked, answer: Answer): Answered {
  switch (answer.kind) {
    case 'result':
      return answerResult(asked.id, frameResult(asked, answer.result));
    case 'error':
      return answerError(asked.id, frameError(asked, answer.error), statusOfError(asked, answer.error));
    case 'input-required':
      return answerResult(asked.id, {
        resultType: 'input_required',
        ...(Object.keys(answer.requests).length === 0 ? {} : { inputRequests: answer.requests }),
        requestState: answer.state,
      });
    case 'denied': {
      const sentence = denialSentence(asked.called, answer.decision);
      return frameFailure(asked, sentence, ERRORS[answer.decision.code ?? 'DECISION_FAILED'].rpc, {
        [META.decision]: decisionMeta(answer.action, answer.decision),
      });
    }
    case 'failed':
      return frameFailure(asked, answer.problem.sentence, ERRORS[answer.problem.code].rpc, {
        [META.outcome]: { code: answer.problem.code, action: answer.action },
      });
    case 'refused':
      return answerProblem(asked.id, answer.problem, asked.generation);
  }
}

/**
 * A tool's denial or failure is a tool result, so that the model sees it (MCP Tools, "Error Handling"). Reading a
 * resource or getting a prompt has no such form: there it is a JSON-RPC error with the same members in `data`.
 */
function frameFailure(asked: Asked, sentence: string, rpcCode: number, meta: JsonObject): Answered {
  if (asked.method !== 'tools/call')
    return answerError(asked.id, { code: rpcCode, message: sentence, data: meta });
  const result = { content: [{ type: 'text', text: sentence }], isError: true, _meta: meta };
  return answerResult(asked.id, frameResult(asked, result));
}

/**
 * 2026-07-28: every result says `resultType`, and what was read may be kept by nobody: each read is decided anew. An
 * older client is not shown members that its generation does not know.
 */
function frameResult(asked: Asked, result: JsonObject): JsonObject {
  if (asked.generation === '2026') {
    if (asked.method === 'resources/read')
      return { ...result, resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
    return result['resultType'] === 'complete' ? result : { ...result, resultType: 'complete' };
  }
  if (result['resultType'] === undefined && result['cacheScope'] === undefined) return result;
  const { resultType: _type, ttlMs: _ttl, cacheScope: _scope, ...rest } = result;
  return rest;
}

/** -32002 is reserved in 2026-07-28 and "MUST NOT" be emitted; its successor for a missing resource is -32602. */
function frameError(asked: Asked, error: RpcError): RpcError {
  return asked.generation === '2026' && error.code === -32002 ? { ...error, code: -32602 } : error;
}

/** 2026-07-28, MissingRequiredClientCapabilityError: "the response status MUST be 400 Bad Request". */
function statusOfError(asked: Asked, error: RpcError): number {
  return asked.generation === '2026' && error.code === -32021 ? 400 : 200;
}

/** Whether a problem is one of ours about the request (counted in `instance.refused`) rather than a decision. */
export function isRefusal(found: Problem): boolean {
  return ERRORS[found.code].kind === 'refuse';
}
