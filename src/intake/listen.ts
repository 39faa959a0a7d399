import { type Problem, problem } from '../base/errors.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';
import { badParams } from './bad-params.ts';

/** What a `subscriptions/listen` of 2026-07-28 asks to be told of. */
export interface ListenFilter {
  /** Members such as `toolsListChanged` that are true. */
  readonly lists: readonly ('tools' | 'prompts' | 'resources')[];
  /** Each URI once. */
  readonly resources: readonly string[];
}

const LISTS = ['tools', 'prompts', 'resources'] as const;

/** Reads the params. Kinds of notification that are not known here are left out, as the acknowledgement then says. */
export function readListen(params: JsonObject): Result<ListenFilter, Problem> {
  const { notifications } = params;
  if (!isJsonObject(notifications)) return badParams('"notifications" is no object');
  for (const kind of LISTS) {
    const wanted = notifications[`${kind}ListChanged`];
    if (wanted !== undefined && typeof wanted !== 'boolean')
      return badParams(`"notifications.${kind}ListChanged" is neither true nor false`);
  }
  const { resourceSubscriptions: uris = [] } = notifications;
  if (!Array.isArray(uris) || uris.some((uri) => typeof uri !== 'string'))
    return badParams('"notifications.resourceSubscriptions" is no list of URIs');
  const resources = [...new Set(uris.map(String))];
  if (resources.length > LIMITS.subscriptionsPerAgent)
    return err(problem('TOO_MANY_SUBSCRIPTIONS', { limit: LIMITS.subscriptionsPerAgent }));
  return ok({ lists: LISTS.filter((kind) => notifications[`${kind}ListChanged`] === true), resources });
}
