import { ask } from './ask.ts';
import { signed } from './sign.ts';

/** Why this browser cannot be told; null where it can. */
export function whyNoPush(): string | null {
  if (!window.isSecureContext) return 'This page is not https, so the browser can be told nothing.';
  if (!('serviceWorker' in navigator) || !('PushManager' in window))
    return 'This browser cannot be told while the page is closed. On an iPhone, add the page to the home screen first.';
  return null;
}

/**
 * Subscribes this browser, so that messages come to it from now on. A passkey signs that, since it moves where a person
 * is reached.
 */
export async function subscribeHere(): Promise<void> {
  const { key } = await ask<{ readonly key: string | null }>('/v1/push-key');
  if (key === null) throw new Error('Web Push is not configured: set notify.push, and apply.');
  if ((await Notification.requestPermission()) !== 'granted')
    throw new Error('The browser was not allowed to show messages; allow it for this page, then try again.');
  const worker = await navigator.serviceWorker.register('/push.js');
  const subscription = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: key,
  });
  const { endpoint } = subscription;
  const member = (name: PushEncryptionKeyName): string => base64url(subscription.getKey(name));
  await signed('/v1/subscribe', { endpoint, p256dh: member('p256dh'), auth: member('auth') });
}

/**
 * Sends a test over each channel of whoever is signed in; answers each of them, with a code where it did not arrive.
 */
export async function sendTest(): Promise<readonly { readonly channel: string; readonly code?: string }[]> {
  const { sent } = await ask<{
    readonly sent: readonly { readonly channel: string; readonly code?: string }[];
  }>('/v1/test-notice', {});
  return sent;
}

function base64url(bytes: ArrayBuffer | null): string {
  const text = String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer(0)));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
