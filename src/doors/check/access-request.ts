import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { AccessRequest } from '../../pipeline/check/access-request.ts';

export const REQUESTS = '/access/v1/requests';

/** The draft "AuthZEN access request and approval": what a deny offers, where people have been asked. */
export function offered({ id, expires, page }: AccessRequest): JsonObject {
  return {
    endpoint: REQUESTS,
    binding_token: id,
    expires_at: expires,
    ...(page === null ? {} : { form_url: page }),
  };
}

/** How it stands, as a task of that draft: once approved, the same evaluation again is the way on. */
export function standing({ id, status, expires, approvedAt }: AccessRequest): JsonObject {
  return {
    task: { id, status, status_endpoint: `${REQUESTS}/${id}`, expires_at: expires },
    next_action: NEXT[status],
    ...(approvedAt === undefined
      ? {}
      : {
          result: {
            mode: 'reevaluate',
            approval: { id, state: 'approved', approved_at: approvedAt, approved_until: expires },
          },
        }),
  };
}

const NEXT = { pending: 'none', approved: 'retry', denied: 'none', expired: 'request' } as const;

/** The `binding_token` of a request; null: there is none. */
export function bindingIn(body: Json): string | null {
  const token = isJsonObject(body) ? body['binding_token'] : undefined;
  return typeof token === 'string' && token !== '' && token.length <= 64 ? token : null;
}
