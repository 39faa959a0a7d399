import type { Attack, Outcome } from '../attack.ts';
import { ECHO, head, post, raw, standard } from '../wire.ts';
import { passes, refused, UNREADABLE } from './framing-row.ts';

const atPath = (id: string, path: string, expect: Outcome, why: string): Attack =>
  refused(`path-${id}`, `The address ${path}`, post(ECHO, { path }), expect, why);
const UNKNOWN: Outcome = { status: 404, code: 'UNKNOWN_UPSTREAM' };
const AS_IS = 'An address is compared letter by letter: nothing is decoded, joined or shortened.';
/** Addresses that another reader would take for another upstream. */
export const ADDRESSES: readonly Attack[] = [
  atPath('dots', '/mcp/box/../vault', UNKNOWN, AS_IS),
  atPath('encoded', '/mcp/%62ox', UNKNOWN, AS_IS),
  atPath('double-slash', '/mcp//box', UNKNOWN, AS_IS),
  atPath('slash-at-end', '/mcp/box/', UNKNOWN, AS_IS),
  atPath('semicolon', '/mcp/box;vault', UNKNOWN, AS_IS),
  atPath('nul', '/mcp/box%00', UNKNOWN, AS_IS),
  atPath('capitals', '/MCP/box', { status: 404, code: 'NOT_FOUND' }, AS_IS),
  atPath('backslash', '/mcp/..\\vault', UNKNOWN, AS_IS),
  atPath('prototype', '/mcp/__proto__', UNKNOWN, AS_IS),
  atPath('absolute', 'http://evil.example/mcp/box', { status: 404, code: 'NOT_FOUND' }, 'This is no proxy.'),
  refused(
    'path-absolute-own',
    'The address with our own name before it',
    (place) => post(ECHO, { path: `http://${place.host}/mcp/box` })(place),
    { status: 404, code: 'NOT_FOUND' },
    'This is no proxy, and the name is said once, in Host.',
  ),
  passes(
    'path-query',
    'A query that names another upstream',
    { path: '/mcp/box?upstream=vault' },
    'A query means nothing here.',
  ),
];

const verb = (name: string, status: number | readonly number[], code: string): Attack =>
  refused(
    `verb-${name.toLowerCase()}`,
    `${name} with a call as its body`,
    post(ECHO, { verb: name }),
    { status, code },
    'Only POST carries a message.',
  );
/** First lines and headers that are not those of a call. */
export const VERBS: readonly Attack[] = [
  verb('PUT', 405, 'METHOD_NOT_ALLOWED'),
  verb('PATCH', 405, 'METHOD_NOT_ALLOWED'),
  verb('OPTIONS', 405, 'METHOD_NOT_ALLOWED'),
  verb('TRACE', 405, 'METHOD_NOT_ALLOWED'),
  verb('CONNECT', 405, 'METHOD_NOT_ALLOWED'),
  refused(
    'verb-override',
    'A GET that is to be taken for a POST',
    post(ECHO, { verb: 'GET', headers: { 'X-HTTP-Method-Override': 'POST' } }),
    { status: 405, code: 'METHOD_NOT_ALLOWED' },
    'The verb is the one of the request.',
  ),
  refused(
    'http2',
    'The preface of HTTP/2',
    raw(() => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    UNREADABLE,
    'Only HTTP/1.1 is spoken here.',
  ),
  refused(
    'http09',
    'A request without a version',
    raw(() => 'POST /mcp/box\r\n\r\n'),
    { status: 400, code: 'BAD_HTTP' },
    'That version has neither headers nor bodies.',
  ),
  passes(
    'upgrade',
    'The connection is offered for HTTP/2, as some clients do with their first request',
    {
      headers: {
        Connection: 'close, Upgrade, HTTP2-Settings',
        Upgrade: 'h2c',
        'HTTP2-Settings': 'AAMAAABk',
      },
    },
    'Only HTTP/1.1 is spoken here: the offer is ignored, and there is one reader still.',
  ),
  refused(
    'many-headers',
    'More headers than anybody needs',
    post(ECHO, { headers: Object.fromEntries(Array.from({ length: 120 }, (_, at) => [`X-${at}`, 'x'])) }),
    { status: 431, code: 'TOO_MANY_HEADERS' },
    'Their number is bounded, and none is dropped silently.',
  ),
  refused(
    'long-header',
    'A header of 64 kB',
    post(ECHO, { headers: { 'X-Long': 'x'.repeat(65_536) } }),
    { status: 431, code: 'HEADERS_TOO_LARGE' },
    'Headers are bounded.',
  ),
  refused(
    'no-host',
    'No Host at all',
    (place) => ({
      kind: 'http',
      bytes: Buffer.concat([
        head('POST /mcp/box HTTP/1.1', {
          ...standard(),
          Authorization: `Bearer ${place.tokens.agent}`,
          'Content-Length': String(Buffer.byteLength(ECHO)),
          Connection: 'close',
        }),
        Buffer.from(ECHO),
      ]),
    }),
    { status: 400, code: 'HOST_MISSING' },
    'HTTP/1.1 needs it, and the answer to DNS rebinding needs it too.',
  ),
];
