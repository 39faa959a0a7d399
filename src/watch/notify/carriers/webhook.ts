import { createHmac } from 'node:crypto';
import { toInstant } from '../../../base/clock.ts';
import type { Carrier } from '../carrier.ts';
import type { Matter } from '../matter.ts';
import type { Message } from '../message.ts';
import { post } from '../post.ts';

/**
 * Any program: a CloudEvent (1.0, structured JSON), signed as Standard Webhooks say: `v1,` and base64 of HMAC-SHA256 over
 * `<id>.<timestamp>.<body>`. The id is the same each time it is tried, so that whoever gets it twice can tell.
 */
export function webhookCarrier(
  url: string,
  secret: Uint8Array,
  source: string,
  nowMs: () => number,
): Carrier {
  return {
    send(message, signal) {
      const body = JSON.stringify(eventOf(message, source));
      const timestamp = String(Math.floor(nowMs() / 1000));
      const mac = createHmac('sha256', secret).update(`${message.id}.${timestamp}.${body}`).digest('base64');
      const headers = {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'webhook-id': message.id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${mac}`,
      };
      return post(url, headers, body, signal);
    },
  };
}

function eventOf(message: Message, source: string): object {
  return {
    specversion: '1.0',
    id: message.id,
    source,
    type: message.page ? 'dev.lanyard.page' : 'dev.lanyard.notice',
    time: toInstant(message.atMs),
    datacontenttype: 'application/json',
    data: {
      title: message.title,
      lines: message.lines,
      ...(message.link === null ? {} : { link: message.link }),
      matters: message.matters.map(dataOf),
    },
  };
}

function dataOf({ id, kind, page, subject, agent, operation, openedMs, expiresMs }: Matter): object {
  return {
    id,
    kind,
    page,
    ...(subject === undefined ? {} : { subject }),
    ...(agent === undefined ? {} : { agent }),
    ...(operation === undefined ? {} : { operation }),
    opened: toInstant(openedMs),
    ...(expiresMs === undefined ? {} : { expires: toInstant(expiresMs) }),
  };
}

/** `whsec_` and base64, as Standard Webhooks writes secrets: 24 to 64 bytes. null: it is none. */
export function readWebhookSecret(text: string): Uint8Array | null {
  const [, body = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(body, 'base64');
  return bytes.length >= 24 && bytes.length <= 64 ? bytes : null;
}
