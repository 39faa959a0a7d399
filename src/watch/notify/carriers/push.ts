import { LIMITS } from '../../../base/limits.ts';
import type { Carrier } from '../carrier.ts';
import { post } from '../post.ts';
import type { PushPlace, PushSubscription } from '../reach.ts';
import { encryptPush } from './push-encryption.ts';
import { type VapidKeys, vapidHeader } from './vapid.ts';

/** A browser on a phone, by Web Push (RFC 8030). */
export function pushCarrier(
  subscription: PushSubscription,
  place: PushPlace,
  keys: VapidKeys,
  nowMs: () => number,
): Carrier {
  const { endpoint } = subscription;
  return {
    send({ id, title, lines, link, page }, signal) {
      const body = encryptPush(
        JSON.stringify({ id, page, title, body: shortened(lines), link }),
        subscription,
      );
      const headers = {
        'content-type': 'application/octet-stream',
        'content-encoding': 'aes128gcm',
        ttl: String(LIMITS.pushTtlS),
        urgency: page ? 'high' : 'normal',
        authorization: vapidHeader(keys, endpoint, place.contact, nowMs()),
      };
      return post(endpoint, headers, body, signal);
    },
  };
}

/** RFC 8030 7.2: a push service need not take more than 4096 bytes. */
function shortened(lines: readonly string[]): string {
  return lines.join('\n').slice(0, LIMITS.pushTextLength);
}

/** What a browser gave out, checked; or a sentence. Only push services that are configured may be named. */
export function readSubscription(
  { endpoint, p256dh, auth }: { endpoint: string; p256dh: string; auth: string },
  services: readonly string[],
): PushSubscription | string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (url === null || endpoint.length > LIMITS.uriLength) return 'The endpoint is no address.';
  if (!services.some((service) => serves(service, url)))
    return `${url.host} is not among the push services that are configured (notify.push.services).`;
  const [key, secret] = [Buffer.from(p256dh, 'base64url'), Buffer.from(auth, 'base64url')];
  if (key.length !== 65 || key[0] !== 4 || secret.length !== 16)
    return 'The keys are not those of a push subscription.';
  return { endpoint: url.href, p256dh: key, auth: secret };
}

/** `host` or `*.host` over https; `http://127.0.0.1:PORT` stands for itself. */
function serves(service: string, url: URL): boolean {
  if (url.username !== '' || url.password !== '') return false;
  if (service.startsWith('http://')) return url.origin === service;
  if (url.protocol !== 'https:' || url.port !== '') return false;
  return service.startsWith('*.') ? url.hostname.endsWith(service.slice(1)) : url.hostname === service;
}
