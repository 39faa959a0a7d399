import type { JsonObject } from '../../base/json.ts';

export const METADATA = '/.well-known/authzen-configuration';
export const EVALUATION = '/access/v1/evaluation';
export const EVALUATIONS = '/access/v1/evaluations';
export const OUTCOME = '/access/v1/outcome';

/**
 * What AuthZEN 1.0 lets anyone ask ("Policy Decision Point Metadata"). `policy_decision_point` must be the very address
 * under which its reader came, and there are several (localhost, 127.0.0.1, a name), so it is made of the request's
 * Host, which the guard has compared with those. Searching is not offered, so nothing is said of it.
 */
export function metadataOf(scheme: 'http' | 'https', host: string): JsonObject {
  const base = `${scheme}://${host}`;
  return {
    policy_decision_point: base,
    access_evaluation_endpoint: `${base}${EVALUATION}`,
    access_evaluations_endpoint: `${base}${EVALUATIONS}`,
  };
}
