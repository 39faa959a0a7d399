import { z } from 'zod';
import type { Json } from '../../base/json.ts';
import { type Route, route } from '../route.ts';

/** GET /v1/openapi.json: the table of routes as OpenAPI 3.1, whose schemas are JSON Schema 2020-12. */
export function openapiRoute(routes: () => readonly Route[]): Route {
  return route({
    method: 'GET',
    path: '/v1/openapi.json',
    who: 'anyone',
    does: 'This description.',
    handle: async ({ port }) => ({ value: describe([...routes()], port.version) }),
  });
}

function describe(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const one of routes) {
    const path = one.path.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][one.method.toLowerCase()] = operationOf(one);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Lanyard: the operator API', version },
    components: { securitySchemes: { session: { type: 'http', scheme: 'bearer' } } },
    paths,
  };
}

function operationOf({ path, who, does, body, query, answer }: Route): Json {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return {
    summary: does,
    ...(who === 'anyone' ? {} : { security: [{ session: [] }] }),
    parameters: [...inPath, ...queryParameters(query)],
    ...(body === undefined ? {} : { requestBody: { required: true, content: jsonOf(body) } }),
    responses: {
      '200': { description: 'Done.', ...(answer === undefined ? {} : { content: jsonOf(answer) }) },
      default: { description: 'Refused: {"error":{"code","sentence","details"}}.' },
    },
  };
}

function queryParameters(query: z.ZodType | undefined): Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

const jsonOf = (shape: z.ZodType): Json => ({ 'application/json': { schema: schemaOf(shape) } });

function schemaOf(shape: z.ZodType): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' });
  return schema as Json;
}
