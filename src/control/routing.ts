import { type Problem, problem } from '../base/errors.ts';
import type { Route } from './route.ts';

type Routed =
  | { readonly route: Route; readonly params: Readonly<Record<string, string>> }
  /** `allow`: the methods that the path answers, where it answers others (RFC 9110 §15.5.6). */
  | { readonly problem: Problem; readonly allow?: string };

/** The route of a method and path; a path that another method has is told apart from none. A HEAD is a GET without the body. */
export function findRoute(routes: readonly Route[], method: string, path: string): Routed {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const allowed: string[] = [];
  for (const route of routes) {
    const params = match(route.path, path);
    if (params === null) continue;
    if (route.method === wanted) return { route, params };
    allowed.push(...(route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]));
  }
  if (allowed.length === 0) return { problem: problem('ROUTE_UNKNOWN') };
  return { problem: problem('METHOD_NOT_ALLOWED', { method }), allow: allowed.join(', ') };
}

function match(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? '';
    if (part.startsWith(':')) {
      const decoded = decode(value);
      if (decoded === null || decoded === '') return null;
      params[part.slice(1)] = decoded;
    } else if (part !== value) return null;
  }
  return params;
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
