import { z } from 'zod';
import type { Json } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import type { Result } from '../base/result.ts';
import type { Operations, OperatorRefusal } from './operations.ts';

type Done = Result<Json, OperatorRefusal> | { readonly ok: true; readonly value: unknown };

/** One thing that the operator socket does: what its body must be, and the operation. */
interface SocketOperation {
  readonly shape: z.ZodType;
  run(operations: Operations, body: unknown): Promise<Done>;
}

/** What does not fit `shape` never reaches `run`. */
function given<Shape extends z.ZodType>(
  shape: Shape,
  run: (operations: Operations, body: z.infer<Shape>) => Promise<Done>,
): SocketOperation {
  // The socket has parsed the body with this very shape.
  return { shape, run: (operations, body) => run(operations, body as z.infer<Shape>) };
}

function asked(read: (operations: Operations) => Promise<unknown>): SocketOperation {
  return {
    shape: z.strictObject({}),
    run: async (operations) => ({ ok: true, value: await read(operations) }),
  };
}

const text = z.string();
/** A reason is cut to what the log keeps of it: no stop is refused, and nothing waits, for how long it was explained. */
const reason = z.string().transform((given) => given.slice(0, LIMITS.callerReasonLength).toWellFormed());
const why = reason.optional();
const ttlMs = z.int().positive().default(LIMITS.tokenTtlMs);

/** What the operator socket answers, by method and path. A member that is none of these is refused, not left out. */
export const SOCKET_OPERATIONS: Readonly<Record<string, SocketOperation>> = {
  'GET /v1/status': asked((on) => on.status()),
  'GET /v1/agents': asked((on) => on.agents()),
  'GET /v1/points': asked((on) => on.points()),
  'GET /v1/catalog': asked((on) => on.catalog()),
  'GET /v1/inventory': asked((on) => on.inventory()),
  'GET /v1/approvals': asked((on) => on.approvals()),
  'GET /v1/grants': asked((on) => on.grants()),
  'GET /v1/cases': asked((on) => on.cases()),
  'GET /v1/inbox': asked((on) => on.inbox()),
  'GET /v1/sessions': asked((on) => on.sessions()),
  'GET /v1/phone': asked((on) => on.phone()),
  'GET /v1/push-key': asked((on) => on.pushKey()),
  'GET /v1/unconfirmed': asked((on) => on.unconfirmed()),
  'POST /v1/token': given(z.strictObject({ agent: text, ttlMs }), (on, body) =>
    on.makeToken(body.agent, body.ttlMs),
  ),
  'POST /v1/revoke': given(z.strictObject({ agent: text }), (on, body) => on.revokeTokens(body.agent)),
  'POST /v1/point-token': given(z.strictObject({ point: text, ttlMs }), (on, body) =>
    on.makePointToken(body.point, body.ttlMs),
  ),
  'POST /v1/point-revoke': given(z.strictObject({ point: text }), (on, body) =>
    on.revokePointTokens(body.point),
  ),
  'POST /v1/apply': given(z.strictObject({ dryRun: z.boolean().default(false) }), (on, body) =>
    on.apply(body.dryRun),
  ),
  'POST /v1/accept': given(
    z.strictObject({ upstream: text, name: text.optional(), shown: text.optional() }),
    (on, body) => on.accept(body.upstream, body.name, body.shown),
  ),
  'POST /v1/stop': given(z.strictObject({ scope: text, level: text, why }), (on, body) =>
    on.stop(body.scope, body.level, body.why),
  ),
  // What is stopped can be looked at in the words in which it would be stopped.
  'POST /v1/stop-preview': given(z.strictObject({ scope: text, level: text, why }), (on, body) =>
    on.previewStop(body.scope, body.level),
  ),
  'POST /v1/release': given(z.strictObject({ scope: text, why: reason.default('') }), (on, body) =>
    on.release(body.scope, body.why),
  ),
  'POST /v1/approval': given(z.strictObject({ approval: text }), (on, body) =>
    on.approval(body.approval, null),
  ),
  // The socket is nobody: it can take a question back, and never answer one.
  'POST /v1/deny': given(z.strictObject({ approval: text, why: reason.default('') }), (on, body) =>
    on.deny(body.approval, null, body.why),
  ),
  'POST /v1/less': given(z.strictObject({ approval: text }), (on, body) => on.less(body.approval)),
  'POST /v1/ask-less': given(z.strictObject({ approval: text, shown: text }), (on, body) =>
    on.askLess(body.approval, body.shown),
  ),
  'POST /v1/revoke-grant': given(z.strictObject({ grant: text }), (on, body) => on.revokeGrant(body.grant)),
  'POST /v1/case': given(z.strictObject({ case: text }), (on, body) => on.case(body.case)),
  'POST /v1/close-case': given(
    z.strictObject({ case: text, happened: reason, changes: reason }),
    (on, { case: id, ...words }) => on.closeCase(id, null, words),
  ),
  'POST /v1/acknowledge': given(z.strictObject({ id: text, why }), (on, body) =>
    on.acknowledge(body.id, body.why),
  ),
  'POST /v1/test-approval': given(z.strictObject({ person: text }), (on, body) =>
    on.testApproval(body.person),
  ),
  'POST /v1/subscribe': given(
    z.strictObject({ person: text, endpoint: text, p256dh: text, auth: text }),
    (on, { person, ...browser }) => on.subscribe(person, browser),
  ),
  'POST /v1/unsubscribe': given(z.strictObject({ person: text, channel: text }), (on, body) =>
    on.unsubscribe(body.person, body.channel),
  ),
  'POST /v1/enrol-code': given(z.strictObject({ person: text.optional() }), (on, body) =>
    on.enrolCode(body.person),
  ),
  'POST /v1/end-session': given(z.strictObject({ session: text }), (on, body) => on.endSession(body.session)),
  'POST /v1/confirm': given(z.strictObject({ entries: z.array(z.int().nonnegative()) }), (on, body) =>
    on.confirm(body.entries),
  ),
  'POST /v1/checkpoint': given(z.strictObject({}), (on) => on.checkpoint()),
  'POST /v1/drill': given(z.strictObject({ what: text, level: text }), (on, body) =>
    on.drill(body.what, body.level, 'socket'),
  ),
  'POST /v1/suggest': given(z.strictObject({ agent: text, sinceMs: z.number() }), (on, body) =>
    on.suggest(body.agent, body.sinceMs),
  ),
  'POST /v1/explain': given(z.strictObject({ action: text }), (on, body) => on.explain(body.action)),
  'POST /v1/decide': given(
    z.strictObject({ requests: z.array(z.unknown()), record: z.boolean().default(false) }),
    async (on, body) => ({ ok: true, value: await on.decide(body.requests as readonly Json[], body.record) }),
  ),
};
