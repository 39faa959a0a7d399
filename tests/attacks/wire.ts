import type { Face, HttpStep, Place, Who } from './attack.ts';

/** Header lines: `undefined` leaves a default out, an array repeats the header. Names are sent as they are written. */
export type Lines = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Request {
  readonly as?: Who;
  readonly verb?: string;
  readonly path?: string;
  readonly headers?: Lines;
  /** Instead of a body with its length: what comes after the empty line, with headers of its own. */
  readonly framing?: (body: Buffer) => { readonly headers: Lines; readonly bytes: Buffer };
  readonly keep?: HttpStep['keep'];
  readonly until?: HttpStep['until'];
}

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'attack', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** The text of a request of 2026-07-28. `meta` joins the envelope. */
export function current(method: string, params: object = {}, meta: object = {}, id: unknown = 1): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    method,
    params: { ...params, _meta: { ...ENVELOPE, ...meta } },
  });
}

/** What a call that must not be made says, so that it can be told from every other. */
export const MARK = 'this must not arrive';
/** And one that is in order. */
export const ORDER = 'this is in order';

export const callText = (name: string, args: object = { text: MARK }, meta: object = {}): string =>
  current('tools/call', { name, arguments: args }, meta);
export const ECHO = callText('echo');

/** The headers that must go with a request of 2026-07-28; `name` is null where the method names nothing. */
export const standard = (method = 'tools/call', name: string | null = 'echo'): Lines => ({
  'Mcp-Protocol-Version': '2026-07-28',
  'Mcp-Method': method,
  'Mcp-Name': name ?? undefined,
});

/** A POST to /mcp/box with a body, as `agent`, with the headers of a call of `echo`, each of which can be changed. */
export function post(body: string | Buffer, request: Request = {}): (place: Place) => HttpStep {
  return (place) => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    return sent(place, bytes, { ...request, headers: { ...standard(), ...request.headers } });
  };
}

/** The same of the generation with sessions: no headers of 2026-07-28. */
export function postOlder(
  message: object | ((place: Place) => object),
  request: Request | ((place: Place) => Request) = {},
): (place: Place) => HttpStep {
  return (place) => {
    const body = typeof message === 'function' ? message(place) : message;
    const given = typeof request === 'function' ? request(place) : request;
    return sent(place, Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...body })), given);
  };
}

/** Opens a session and keeps its id under `as`. */
export const open = (who: Who, as = 'session', path = '/mcp/box'): ((place: Place) => HttpStep) =>
  postOlder(
    {
      id: 0,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'attack', version: '1' },
      },
    },
    { as: who, path, keep: ({ headers }) => ({ [as]: headers['mcp-session-id'] ?? '' }) },
  );

/** Bytes as they are. */
export const raw = (bytes: (place: Place) => string | Buffer, to?: Face): ((place: Place) => HttpStep) => {
  return (place) => ({
    kind: 'http',
    bytes: Buffer.from(bytes(place)),
    ...(to === undefined ? {} : { to }),
  });
};

/** A request to one of the other faces, closed after its answer; headers that are left undefined are not sent. */
export const ask = (
  to: Face,
  first: string,
  lines: (place: Place) => Lines,
  body: (place: Place) => string = () => '',
): ((place: Place) => HttpStep) =>
  raw((place) => {
    const text = Buffer.from(body(place));
    const all = { Connection: 'close', 'Content-Length': String(text.length), ...lines(place) };
    return Buffer.concat([head(`${first} HTTP/1.1`, all), text]);
  }, to);

function sent(place: Place, body: Buffer, request: Request): HttpStep {
  const { as = 'agent', verb = 'POST', path = '/mcp/box', headers = {}, framing, keep, until } = request;
  const framed = framing?.(body) ?? { headers: { 'Content-Length': String(body.length) }, bytes: body };
  const lines: Lines = {
    Host: place.host,
    ...(as === 'nobody' ? {} : { Authorization: `Bearer ${place.tokens[as]}` }),
    'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream',
    Connection: 'close',
    ...framed.headers,
    ...headers,
  };
  return {
    kind: 'http',
    bytes: Buffer.concat([head(`${verb} ${path} HTTP/1.1`, lines), framed.bytes]),
    ...(keep === undefined ? {} : { keep }),
    ...(until === undefined ? {} : { until }),
  };
}

/** Header bytes as latin1, so that a row can send any byte. */
export function head(first: string, lines: Lines): Buffer {
  let text = `${first}\r\n`;
  for (const [name, value] of Object.entries(lines))
    for (const one of value === undefined ? [] : typeof value === 'string' ? [value] : value)
      text += `${name}: ${one}\r\n`;
  return Buffer.from(`${text}\r\n`, 'latin1');
}

/** `text` behind a header value that is not plain ASCII (2026-07-28, "Value Encoding"). */
export const wrapped = (text: string | Buffer): string =>
  `=?base64?${Buffer.from(text).toString('base64')}?=`;

/** The one call that a row in order makes. */
export const IN_ORDER = callText('echo', { text: ORDER });
export const ARRIVES = [{ upstream: 'box', method: 'tools/call', name: 'echo', arguments: { text: ORDER } }];
