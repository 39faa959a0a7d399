import { gzipSync } from 'node:zlib';
import type { Attack, AttackClass, HttpStep, Place } from '../attack.ts';
import { ARRIVES, ECHO, IN_ORDER, type Lines, MARK, ORDER, post } from '../wire.ts';
import { passes, refused, UNREADABLE } from './framing-row.ts';
import { ADDRESSES, VERBS } from './request-heads.ts';

const PARSER =
  'The HTTP parser is strict: a request that two readers could end at different bytes is no request.';
const chunked = (body: Buffer, extension = '', trailers = ''): Buffer =>
  Buffer.concat([
    Buffer.from(`${body.length.toString(16)}${extension}\r\n`),
    body,
    Buffer.from(`\r\n0\r\n${trailers}\r\n`),
  ]);
const CHUNKED: Lines = { 'Transfer-Encoding': 'chunked' };
const length = (body: Buffer): Lines => ({ 'Content-Length': String(body.length) });

/** The same bytes under another version in the first line. */
const spoken =
  (version: string, step: (place: Place) => HttpStep) =>
  (place: Place): HttpStep => {
    const { bytes, ...rest } = step(place);
    const text = bytes.toString('latin1').replace(' HTTP/1.1\r\n', ` ${version}\r\n`);
    return { ...rest, bytes: Buffer.from(text, 'latin1') };
  };
const inChunks = (body: Buffer) => ({ headers: CHUNKED, bytes: chunked(body) });
const NO_CHUNKS = 'HTTP/1.0 has no chunks: whoever stands in front may see the end elsewhere.';

/** Chunks among other transfer codings. */
const coded = (id: string, tries: string, codings: string | readonly string[]): Attack =>
  refused(
    id,
    tries,
    post(ECHO, { framing: (body) => ({ headers: { 'Transfer-Encoding': codings }, bytes: chunked(body) }) }),
    UNREADABLE,
    'Whoever stands in front may undo a coding that nobody undoes here, and read another body.',
  );

const lengths: readonly Attack[] = [
  refused(
    'chunks-in-1.0',
    'Chunks in HTTP/1.0',
    spoken('HTTP/1.0', post(ECHO, { framing: inChunks })),
    UNREADABLE,
    NO_CHUNKS,
  ),
  refused(
    'chunks-in-1.0-behind',
    'A call behind chunks in HTTP/1.0',
    (place) => {
      const first = post('[]', { headers: { Connection: 'keep-alive' }, framing: inChunks });
      const bytes = [spoken('HTTP/1.0', first)(place).bytes, post(ECHO)(place).bytes];
      return { kind: 'http', bytes: Buffer.concat(bytes) };
    },
    UNREADABLE,
    NO_CHUNKS,
  ),
  refused(
    'version-2',
    'HTTP/2.0 in words of HTTP/1.1',
    spoken('HTTP/2.0', post(ECHO)),
    UNREADABLE,
    'Only HTTP/1.1 is spoken here.',
  ),
  refused(
    'version-0.9',
    'HTTP/0.9 in words of HTTP/1.1',
    spoken('HTTP/0.9', post(ECHO)),
    UNREADABLE,
    'That version has neither headers nor bodies.',
  ),
  refused(
    'two-lengths',
    'Two lengths that differ',
    post(ECHO, {
      framing: (bytes) => ({ headers: { 'Content-Length': [String(bytes.length), '5'] }, bytes }),
    }),
    UNREADABLE,
    PARSER,
  ),
  refused(
    'length-and-chunks',
    'A length, and chunks as well',
    post(ECHO, { framing: (body) => ({ headers: { ...length(body), ...CHUNKED }, bytes: chunked(body) }) }),
    UNREADABLE,
    PARSER,
  ),
  refused(
    'chunks-in-disguise',
    'A transfer encoding that looks like chunks',
    post(ECHO, {
      framing: (body) => ({ headers: { 'Transfer-Encoding': 'xchunked' }, bytes: chunked(body) }),
    }),
    UNREADABLE,
    PARSER,
  ),
  refused(
    'chunks-not-last',
    'Chunks that are not the last transfer encoding',
    post(ECHO, {
      framing: (body) => ({ headers: { 'Transfer-Encoding': 'chunked, identity' }, bytes: chunked(body) }),
    }),
    UNREADABLE,
    PARSER,
  ),
  coded('chunks-of-gzip', 'A body that is compressed as a transfer coding, by its words', 'gzip, chunked'),
  coded('chunks-behind-identity', 'Chunks behind a coding that is none', ['identity', 'chunked']),
  refused(
    'chunk-size-overflow',
    'A chunk size beyond 64 bits',
    post(ECHO, {
      framing: (body) => ({
        headers: CHUNKED,
        bytes: Buffer.concat([Buffer.from('10000000000000005\r\n'), body, Buffer.from('\r\n0\r\n\r\n')]),
      }),
    }),
    UNREADABLE,
    PARSER,
  ),
  refused(
    'chunk-size-sign',
    'A chunk size with a sign',
    post(ECHO, {
      framing: (body) => ({
        headers: CHUNKED,
        bytes: Buffer.concat([Buffer.from('+5\r\n'), body, Buffer.from('\r\n0\r\n\r\n')]),
      }),
    }),
    UNREADABLE,
    PARSER,
  ),
  refused(
    'length-sign',
    'A length with a sign',
    post(ECHO, { framing: (bytes) => ({ headers: { 'Content-Length': `+${bytes.length}` }, bytes }) }),
    UNREADABLE,
    PARSER,
  ),
  refused(
    'chunk-extension-flood',
    'A chunk extension of 64 kB',
    post(ECHO, {
      framing: (body) => ({ headers: CHUNKED, bytes: chunked(body, `;a=${'x'.repeat(65_536)}`) }),
    }),
    UNREADABLE,
    'Extensions are bounded, and nobody reads them.',
  ),
  passes(
    'chunks',
    'A body in chunks with an extension',
    { framing: (body) => ({ headers: CHUNKED, bytes: chunked(body, ';name=value') }) },
    'Extensions mean nothing here.',
  ),
  passes(
    'trailers',
    'Trailers that name another method and tool',
    {
      framing: (body) => ({
        headers: CHUNKED,
        bytes: chunked(body, '', 'Mcp-Method: tools/list\r\nMcp-Name: open\r\n'),
      }),
    },
    'What comes after the body decides nothing.',
  ),
  refused(
    'line-feeds',
    'Lines that end without a carriage return',
    (place) => {
      const { bytes } = post(ECHO)(place);
      return {
        kind: 'http',
        bytes: Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
      };
    },
    UNREADABLE,
    PARSER,
  ),
  refused(
    'longer-than-said',
    'A call behind a body that is shorter than what follows',
    (place) => {
      const first = post('[]', { headers: { Connection: 'close' } })(place);
      return { kind: 'http', bytes: Buffer.concat([first.bytes, post(ECHO)(place).bytes]) };
    },
    { status: 400, code: 'BATCH' },
    'A connection that is to close takes no second request, and the first has its own answer.',
  ),
  {
    id: 'framing-pipelined',
    door: 'http',
    tries: 'A second call without a token behind one that has it',
    must: 'The first passes, the second gets 401.',
    why: 'Each request proves by itself who sends it; a connection proves nothing.',
    steps: [
      (place) => {
        const first = post(IN_ORDER, { headers: { Connection: 'keep-alive' } })(place);
        return {
          kind: 'http',
          bytes: Buffer.concat([first.bytes, post(ECHO, { as: 'nobody' })(place).bytes]),
        };
      },
    ],
    expect: { status: 200, code: 'TOKEN_MISSING', says: [ORDER, 'HTTP/1.1 401'], lacks: [MARK] },
    reaches: ARRIVES,
  },
];

const encodings: readonly Attack[] = [
  refused(
    'gzip',
    'A compressed body',
    post(gzipSync(ECHO), { headers: { 'Content-Encoding': 'gzip' } }),
    { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
    'Nothing is unpacked, so no two readers can unpack differently, and nothing can swell.',
  ),
  refused(
    'gzip-in-name-only',
    'A plain body that says it is compressed',
    post(ECHO, { headers: { 'Content-Encoding': 'gzip' } }),
    { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
    'Whoever unpacks it first would see another body than the one decided on.',
  ),
  refused(
    'deflate-among-others',
    'Two content encodings',
    post(ECHO, { headers: { 'Content-Encoding': 'identity, deflate' } }),
    { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
    'Whoever unpacks it first would see another body than the one decided on.',
  ),
  passes(
    'identity',
    'A content encoding that changes nothing',
    { headers: { 'Content-Encoding': 'identity' } },
    'The body is what it says.',
  ),
  refused(
    'media-text',
    'The body as text/plain, as a web form could send it',
    post(ECHO, { headers: { 'Content-Type': 'text/plain' } }),
    { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
    'What a page may send without asking is not taken.',
  ),
  refused(
    'media-form',
    'The body as a form',
    post(ECHO, { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }),
    { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
    'What a page may send without asking is not taken.',
  ),
  refused(
    'media-twice',
    'Two content types',
    post(ECHO, { headers: { 'Content-Type': ['application/json', 'text/plain'] } }),
    { status: 400, code: 'HEADER_MISMATCH' },
    'A header that somebody decides by stands once.',
  ),
  refused(
    'media-missing',
    'No content type',
    post(ECHO, { headers: { 'Content-Type': undefined } }),
    { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
    'What a page may send without asking is not taken.',
  ),
  refused(
    'charset',
    'A body in UTF-8 that says it is UTF-16',
    post(ECHO, { headers: { 'Content-Type': 'application/json; charset=utf-16' } }),
    { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
    'Whoever believes the charset would see another body; JSON is UTF-8 (RFC 8259 §8.1).',
  ),
  refused(
    'charset-extended',
    'The same in the extended form of a parameter',
    post(ECHO, { headers: { 'Content-Type': "application/json; charset*=us-ascii'en'utf-16" } }),
    { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
    'Whoever believes the charset would see another body; JSON is UTF-8 (RFC 8259 §8.1).',
  ),
  refused(
    'accept',
    'An answer in HTML is asked for',
    post(ECHO, { headers: { Accept: 'text/html' } }),
    { status: 406, code: 'NOT_ACCEPTABLE' },
    'Nobody could be told what became of it.',
  ),
];

export const FRAMING: AttackClass = {
  title: 'Framing, encodings and addresses',
  rows: [...lengths, ...encodings, ...ADDRESSES, ...VERBS],
};
