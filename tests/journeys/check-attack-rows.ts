import { LIMITS } from '../../src/base/limits.ts';
import { EVALUATIONS, OUTCOME, reading } from './check-client.ts';

/** Requests that the check door refuses, each with the code and status. */

export type Headers = Readonly<Record<string, string | undefined>>;

export const GOOD = JSON.stringify(reading('a.txt'));
const inContext = (text: string) => GOOD.replace('"context":{', `"context":{${text},`);
const atTop = (text: string) => GOOD.replace('{', `{${text},`);
const inInput = (text: string) => GOOD.replace('"input":{', `"input":{${text},`);
const replaced = (key: string, text: string) =>
  JSON.stringify({ ...reading('a.txt'), [key]: '@' }).replace('"@"', text);

export interface Attack {
  readonly code: string;
  readonly status: number;
  readonly body?: string | Buffer;
  readonly headers?: Headers;
  readonly path?: string;
  /** Who is counted: the point, where not nobody authenticated or the agent was known already. */
  readonly whom?: 'nobody' | 'writer';
}

/** Every spelling by which somebody may hope to set what Lanyard alone sets. */
export const SYSTEM: readonly (readonly [string, string])[] = [
  ['as it is named', inContext('"system":{"door":"mcp"}')],
  ['as null', inContext('"system":null')],
  ['in capitals', inContext('"SYSTEM":{}')],
  ['with an escape', inContext('"s\\u0079stem":{}')],
  ['in full width', inContext('"ｓｙｓｔｅｍ":{}')],
  ['with a character of no width', inContext('"sys\\u200btem":{}')],
  ['by its path', inContext('"system.now":1')],
  ['by its whole path', inContext('"context.system":{}')],
  ['by its whole path with an index', inContext('"context[\\"system\\"]":{}')],
  ['with spaces', inContext('" system ":{}')],
  ['at the top', atTop('"system":{}')],
  ['at the top by its path', atTop('"context.system":{}')],
];

export const ATTACKS: Readonly<Record<string, Attack>> = {
  "another agent's id": {
    code: 'FOREIGN_AGENT',
    status: 403,
    body: JSON.stringify(reading('a.txt', 'other')),
  },
  'an agent that is none': {
    code: 'FOREIGN_AGENT',
    status: 403,
    body: JSON.stringify(reading('a.txt', 'root')),
  },
  'the point itself for an agent': {
    code: 'FOREIGN_AGENT',
    status: 403,
    body: JSON.stringify(reading('a.txt', 'ci-gate')),
  },
  'a prototype for an agent': {
    code: 'FOREIGN_AGENT',
    status: 403,
    body: JSON.stringify(reading('a.txt', '__proto__')),
  },
  'an agent in another spelling': {
    code: 'FOREIGN_AGENT',
    status: 403,
    body: JSON.stringify(reading('a.txt', 'Writer')),
  },
  'a person for a subject': {
    code: 'BAD_REQUEST',
    status: 400,
    body: replaced('subject', '{"type":"Person","id":"ada"}'),
  },
  'no subject': { code: 'BAD_REQUEST', status: 400, body: replaced('subject', 'null') },
  'two subjects': {
    code: 'DUPLICATE_KEY',
    status: 400,
    body: atTop('"subject":{"type":"Agent","id":"other"}'),
  },
  'two subjects, one in disguise': {
    code: 'DUPLICATE_KEY',
    status: 400,
    body: atTop('"subj\\u0065ct":{"type":"Agent","id":"other"}'),
  },
  'a list of subjects': {
    code: 'BAD_REQUEST',
    status: 400,
    body: replaced('subject', '[{"type":"Agent","id":"writer"}]'),
  },
  'no resource': { code: 'BAD_REQUEST', status: 400, body: replaced('resource', '"a.txt"') },
  'properties that are none': {
    code: 'BAD_REQUEST',
    status: 400,
    body: replaced('subject', '{"type":"Agent","id":"writer","properties":7}'),
  },
  'another resource than the arguments name': {
    code: 'RESOURCE_DIFFERS',
    status: 400,
    body: replaced('resource', '{"type":"Path","id":"b.txt"}'),
    whom: 'writer',
  },
  'the upstream for a resource, where the arguments name a path': {
    code: 'RESOURCE_DIFFERS',
    status: 400,
    body: replaced('resource', '{"type":"Target","id":"files"}'),
    whom: 'writer',
  },
  'a type that is no target': {
    code: 'RESOURCE_DIFFERS',
    status: 400,
    body: replaced('resource', '{"type":"__proto__","id":"a.txt"}'),
    whom: 'writer',
  },
  'an operation of no upstream': {
    code: 'UNKNOWN_UPSTREAM',
    status: 404,
    body: replaced('action', '{"name":"mcp:none/x"}'),
    whom: 'writer',
  },
  'an operation that is no MCP one': {
    code: 'BAD_REQUEST',
    status: 400,
    body: replaced('action', '{"name":"http:GET"}'),
  },
  'a prototype for a tool': {
    code: 'UNKNOWN_OPERATION',
    status: 400,
    body: replaced('action', '{"name":"mcp:files/constructor"}'),
    whom: 'writer',
  },
  'a tool with a slash': {
    code: 'UNKNOWN_OPERATION',
    status: 400,
    body: replaced('action', '{"name":"mcp:files/a/../read_text_file"}'),
  },
  'an argument that is not declared': {
    code: 'ARGUMENTS_INVALID',
    status: 400,
    body: inInput('"force":true'),
    whom: 'writer',
  },
  'a prototype in the arguments': {
    code: 'RESERVED_KEY',
    status: 400,
    body: inInput('"__proto__":{"path":"b"}'),
  },
  'an entity in the arguments': {
    code: 'RESERVED_KEY',
    status: 400,
    body: inInput('"x":{"__entity":{"type":"Agent","id":"other"}}'),
  },
  'input that is none': { code: 'BAD_REQUEST', status: 400, body: replaced('context', '{"input":"a.txt"}') },
  'context that is none': { code: 'BAD_REQUEST', status: 400, body: replaced('context', 'null') },
  'a session without a name': { code: 'BAD_REQUEST', status: 400, body: inContext('"session":""') },
  'a session that steers a terminal': {
    code: 'BAD_REQUEST',
    status: 400,
    body: inContext('"session":"\\u001b[2J"'),
  },
  'a list for a body': { code: 'BAD_REQUEST', status: 400, body: `[${GOOD}]` },
  'two bodies': { code: 'BAD_JSON', status: 400, body: `${GOOD}${GOOD}` },
  'half a surrogate': { code: 'LONE_SURROGATE', status: 400, body: inContext('"note":"\\ud800"') },
  'bytes that are no UTF-8': {
    code: 'BAD_UTF8',
    status: 400,
    body: Buffer.from(inContext('"note":"\u00ff"'), 'latin1'),
  },
  '2^53 + 1': { code: 'NUMBER_OUT_OF_RANGE', status: 400, body: inContext('"note":9007199254740993') },
  'nesting without end': { code: 'TOO_DEEP', status: 400, body: inContext(`"note":${'['.repeat(100_000)}`) },
  'more than a message may hold': {
    code: 'BODY_TOO_LARGE',
    status: 413,
    body: inContext(`"note":"${'x'.repeat(LIMITS.requestBytes)}"`),
  },
  'text for a media type': {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    status: 415,
    headers: { 'content-type': 'text/plain' },
  },
  'a form for a media type': {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    status: 415,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  },
  'an address that is none': { code: 'NOT_FOUND', status: 404, path: '/access/v1/evaluation/' },
  'an address with dots': { code: 'NOT_FOUND', status: 404, path: '/access/v1/../v1/evaluation' },
  'a search': { code: 'NOT_FOUND', status: 404, path: '/access/v1/search/subject' },
  'no token': { code: 'TOKEN_MISSING', status: 401, headers: { authorization: undefined }, whom: 'nobody' },
  'a wrong token': {
    code: 'TOKEN_REFUSED',
    status: 401,
    headers: { authorization: 'Bearer lyd_00000000_AAAAAAAAAAAAAAAAAAAAAA' },
    whom: 'nobody',
  },
  'another scheme': {
    code: 'TOKEN_MISSING',
    status: 401,
    headers: { authorization: 'Basic d3JpdGVy' },
    whom: 'nobody',
  },
  'two tokens': {
    code: 'HEADER_MISMATCH',
    status: 400,
    headers: { Authorization: 'Bearer lyd_00000000_A' },
    whom: 'nobody',
  },
  'a foreign page': {
    code: 'BAD_ORIGIN',
    status: 403,
    headers: { origin: 'https://evil.example' },
    whom: 'nobody',
  },
  'a foreign page without an Origin': {
    code: 'BAD_ORIGIN',
    status: 403,
    headers: { 'sec-fetch-site': 'cross-site' },
    whom: 'nobody',
  },
  'a name that was rebound to this machine': {
    code: 'BAD_HOST',
    status: 403,
    headers: { host: 'evil.example' },
    whom: 'nobody',
  },
  'questions that are no list': {
    code: 'BAD_REQUEST',
    status: 400,
    body: atTop('"evaluations":{}'),
    path: EVALUATIONS,
  },
  'questions that are no objects': {
    code: 'BAD_REQUEST',
    status: 400,
    body: atTop('"evaluations":[[]]'),
    path: EVALUATIONS,
  },
  'a semantic that is none': {
    code: 'BAD_REQUEST',
    status: 400,
    body: atTop('"options":{"evaluations_semantic":"allow_all"},"evaluations":[{}]'),
    path: EVALUATIONS,
  },
  'a flood in one request': {
    code: 'TOO_MANY_EVALUATIONS',
    status: 400,
    body: atTop(`"evaluations":[${'{},'.repeat(LIMITS.evaluationsPerRequest)}{}]`),
    path: EVALUATIONS,
  },
  'context.system as a default': {
    code: 'SYSTEM_CONTEXT',
    status: 400,
    body: inContext('"system":{}').replace('{', '{"evaluations":[{"context":{"input":{"path":"a.txt"}}}],'),
    path: EVALUATIONS,
  },
  'an outcome that is none': {
    code: 'BAD_REQUEST',
    status: 400,
    body: '{"action":"x","outcome":"allowed"}',
    path: OUTCOME,
  },
  'an outcome of no action': { code: 'BAD_REQUEST', status: 400, body: '{"outcome":"ok"}', path: OUTCOME },
  'an id of an action that was guessed': {
    code: 'UNKNOWN_ACTION',
    status: 404,
    body: `{"action":"01${'A'.repeat(24)}","outcome":"ok"}`,
    path: OUTCOME,
  },
  'a prototype for an action': {
    code: 'UNKNOWN_ACTION',
    status: 404,
    body: '{"action":"__proto__","outcome":"ok"}',
    path: OUTCOME,
  },
};
