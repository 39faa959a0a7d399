import type { ErrorCode } from '../../src/base/errors.ts';

/**
 * Messages that once were, or easily would be, read otherwise than they should. A finding of fuzzing, of a review or
 * from the field is added here with its name and never taken out. `code` null: it is accepted.
 */
interface Finding {
  readonly name: string;
  /** The params of a tools/call, as JSON text, or the whole message where "jsonrpc" is in it. */
  readonly text: string;
  readonly code: ErrorCode | null;
  readonly why: string;
}

export const FINDINGS: readonly Finding[] = [
  {
    name: 'the last of two names',
    text: '{"name":"read_file","name":"write_file","arguments":{}}',
    code: 'DUPLICATE_KEY',
    why: 'Readers that keep the first and readers that keep the last would see two different calls.',
  },
  {
    name: 'two names, one escaped',
    text: '{"name":"read_file","n\\u0061me":"write_file","arguments":{}}',
    code: 'DUPLICATE_KEY',
    why: 'A comparison before unescaping misses it.',
  },
  {
    name: 'two __proto__',
    text: '{"name":"a","arguments":{"__proto__":{"x":1},"__proto__":{"x":2}}}',
    code: 'DUPLICATE_KEY',
    why: 'An `in` or an assignment would take the key for the prototype and see no second one.',
  },
  {
    name: 'a key that Cedar would read as an entity',
    text: '{"name":"a","arguments":{"who":{"__entity":{"type":"Person","id":"ada"}}}}',
    code: 'RESERVED_KEY',
    why: 'it becomes a real entity in a request to the policy engine.',
  },
  {
    name: 'an amount that is none',
    text: '{"name":"a","arguments":{"amount":1e-400}}',
    code: 'NUMBER_OUT_OF_RANGE',
    why: 'A double reads 0; whoever reads decimals sees more than 0.',
  },
  {
    name: 'an integer that rounds to 2^53',
    text: '{"name":"a","arguments":{"id":9007199254740993}}',
    code: 'NUMBER_OUT_OF_RANGE',
    why: 'It would be decided on as …992, which is within the bound.',
  },
  {
    name: 'a fraction that rounds to 2^53',
    text: '{"name":"a","arguments":{"id":9007199254740992.4}}',
    code: 'NUMBER_OUT_OF_RANGE',
    why: 'The same by way of a fraction.',
  },
  {
    name: '2^53 itself',
    text: '{"name":"a","arguments":{"id":9007199254740992}}',
    code: null,
    why: 'The bound is held exactly.',
  },
  {
    name: 'minus zero',
    text: '{"name":"a","arguments":{"x":-0.0}}',
    code: null,
    why: 'RFC 8785 writes it 0, so it is 0 from the start: the same digest before and after.',
  },
  {
    name: 'half of an emoji as a key',
    text: '{"name":"a","arguments":{"\\ud83d":1}}',
    code: 'LONE_SURROGATE',
    why: 'It has no UTF-8, so digest and upstream would see a replacement character.',
  },
  {
    name: 'two halves in the wrong order',
    text: '{"name":"a","arguments":{"x":"\\ude00\\ud83d"}}',
    code: 'LONE_SURROGATE',
    why: 'Each is alone.',
  },
  {
    name: 'a second message behind the first',
    text: '{"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0","id":2,"method":"tools/call"}',
    code: 'BAD_JSON',
    why: 'A streaming reader downstream would find two.',
  },
  {
    name: 'a NUL behind the message',
    text: '{"jsonrpc":"2.0","id":1,"method":"ping"}\u0000',
    code: 'BAD_JSON',
    why: 'Readers in C stop there.',
  },
  {
    name: 'the method in capitals beside the method',
    text: '{"jsonrpc":"2.0","id":1,"method":"tools/list","Method":"tools/call"}',
    code: 'BAD_MESSAGE',
    why: 'Go’s encoding/json matches names without regard to case and keeps the last.',
  },
  {
    name: 'a result inside a request',
    text: '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}',
    code: 'BAD_MESSAGE',
    why: 'A reader that looks for "result" first takes it for an answer.',
  },
  {
    name: 'a batch of one',
    text: '[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
    code: 'BATCH',
    why: 'One decision would have to stand for several; 2025-06-18 took batches out of MCP.',
  },
  {
    name: 'an idempotency key, misspelt',
    text: '{"name":"a","_meta":{"dev.lanyard/idempotencey":"x"}}',
    code: 'BAD_PARAMS',
    why: 'Dropped silently, the repeat would be executed twice.',
  },
];
