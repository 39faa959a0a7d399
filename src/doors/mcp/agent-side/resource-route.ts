import { type Problem, problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Listing } from '../../../pipeline/ports/corridor.ts';

/** What one upstream lists for the agent that asks. */
export interface UpstreamListing {
  readonly upstream: string;
  readonly listing: Listing;
}

/**
 * Which upstream a URI is read from on `/mcp`: the only one that lists it, else the only one with a template that
 * matches it. A URI that two upstreams offer is refused, because the caller could not know which one answers.
 */
export function routeResource(uri: string, listed: readonly UpstreamListing[]): Result<string, Problem> {
  const exact = listed.filter(({ listing }) => listing.resources.some((resource) => resource['uri'] === uri));
  const owners =
    exact.length > 0
      ? exact
      : listed.filter(({ listing }) =>
          listing.resourceTemplates.some((template) => matchesTemplate(template, uri)),
        );
  const [owner, another] = owners;
  if (owner === undefined || another !== undefined)
    return err(problem('UNKNOWN_OPERATION', { what: 'resource', name: uri }));
  return ok(owner.upstream);
}

/** At which upstream a template is completed on `/mcp`: the only one that lists it, else the one that this URI is read from. */
export function routeTemplate(uri: string, listed: readonly UpstreamListing[]): Result<string, Problem> {
  const owners = listed.filter(({ listing }) =>
    listing.resourceTemplates.some((template) => template['uriTemplate'] === uri),
  );
  const [owner, another] = owners;
  if (owner === undefined) return routeResource(uri, listed);
  if (another !== undefined)
    return err(problem('UNKNOWN_OPERATION', { what: 'resource template', name: uri }));
  return ok(owner.upstream);
}

function matchesTemplate(definition: JsonObject, uri: string): boolean {
  const template = definition['uriTemplate'];
  return typeof template === 'string' && matchUriTemplate(template, uri);
}

const EXPRESSION = /\{(\+?)[A-Za-z_][A-Za-z0-9_.]*\}/y;

/**
 * Whether `uri` can be an expansion of an RFC 6570 template of `{name}` (one segment) and `{+name}` (anything). Goes
 * once from left to right and never back, so it is linear and may miss an unusual match, which is then refused; any
 * other expression matches nothing.
 */
export function matchUriTemplate(template: string, uri: string): boolean {
  let at = 0;
  let position = 0;
  while (position < template.length) {
    const open = template.indexOf('{', position);
    const literal = template.slice(position, open === -1 ? template.length : open);
    if (!uri.startsWith(literal, at)) return false;
    at += literal.length;
    if (open === -1) return at === uri.length;
    EXPRESSION.lastIndex = open;
    const expression = EXPRESSION.exec(template);
    if (expression === null) return false;
    position = EXPRESSION.lastIndex;
    const next = template.indexOf('{', position);
    const following = template.slice(position, next === -1 ? template.length : next);
    const end = valueEnd(uri, at, following, next === -1);
    if (end <= at) return false;
    if (expression[1] === '' && /[/?#]/.test(uri.slice(at, end))) return false;
    at = end;
  }
  return at === uri.length;
}

/** Where a variable's value ends: before the literal that follows it, at the end of the URI if that is last. */
function valueEnd(uri: string, at: number, following: string, isLast: boolean): number {
  if (!isLast) return following === '' ? -1 : uri.indexOf(following, at + 1);
  return uri.endsWith(following) ? uri.length - following.length : -1;
}
