import { z } from 'zod';
import { REFUSAL_TYPE } from '../../base/http-refusals.ts';
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
    components: {
      securitySchemes: { session: { type: 'http', scheme: 'bearer' } },
      schemas: { Refusal: REFUSAL, Change: CHANGE },
    },
    paths,
  };
}

function operationOf({ method, path, who, does, body, query, answer, media }: Route): Json {
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
      '200': { description: 'Done.', content: media === undefined ? jsonOf(answer) : { [media]: {} } },
      // What widens waits for a signature, and what that is depends on the act: any POST of a person may.
      ...(who === 'signed-in' && method === 'POST' ? { '202': WAITS } : {}),
      default: { description: 'Refused.', content: { [REFUSAL_TYPE]: { schema: refTo('Refusal') } } },
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

const jsonOf = (shape: z.ZodType | undefined): Json => ({
  'application/json': shape === undefined ? {} : { schema: schemaOf(shape) },
});

const refTo = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

const TEXT: Json = { type: 'string' };

/** As base/http-refusals.ts writes it. */
const REFUSAL: Json = {
  type: 'object',
  required: ['title', 'status', 'detail', 'error'],
  properties: {
    title: TEXT,
    status: { type: 'integer' },
    detail: TEXT,
    error: {
      type: 'object',
      required: ['code', 'sentence'],
      properties: { code: TEXT, sentence: TEXT, details: { type: 'array', items: TEXT } },
    },
  },
};

/** `ApiChange` of the contract. */
const CHANGE: Json = {
  type: 'object',
  required: ['id', 'act', 'asked', 'expires', 'change', 'fields', 'state'],
  properties: {
    id: TEXT,
    act: TEXT,
    asked: TEXT,
    expires: { type: 'string', format: 'date-time' },
    change: TEXT,
    fields: { type: 'object' },
    state: TEXT,
  },
};

const WAITS: Json = {
  description: 'Waits for a signature.',
  content: { 'application/json': { schema: refTo('Change') } },
};

function schemaOf(shape: z.ZodType): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' });
  return schema as Json;
}
