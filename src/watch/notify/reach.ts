import type { QuietHours } from './quiet-hours.ts';

/** How one person is reached: her channels, in the order of the configuration, and when not. */
export interface PersonReach {
  readonly channels: readonly Channel[];
  readonly quiet?: QuietHours;
}

/** One channel with its address and secrets looked up. `id` names it in the log without being it. */
export type Channel = { readonly id: string } & (
  | { readonly kind: 'mail'; readonly to: string }
  | { readonly kind: 'ntfy'; readonly url: string; readonly token?: string }
  | { readonly kind: 'slack'; readonly url: string }
  | { readonly kind: 'webhook'; readonly url: string; readonly secret: Uint8Array }
  | { readonly kind: 'push'; readonly subscription: PushSubscription }
);

/** What a browser gives out (W3C Push API), base64url of the two keys decoded. */
export interface PushSubscription {
  readonly endpoint: string;
  /** The browser's public key, 65 bytes, uncompressed. */
  readonly p256dh: Uint8Array;
  /** 16 bytes. */
  readonly auth: Uint8Array;
}

export interface MailPlace {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; otherwise STARTTLS is demanded, except on loopback. */
  readonly secure: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly from: string;
}

export interface PushPlace {
  /** `mailto:` or https, told to push services (RFC 8292). */
  readonly contact: string;
  /** Hosts of push services that subscriptions may name; `*.example.org` stands for every name below it. */
  readonly services: readonly string[];
}

/** `notify:` of the set in force, with everything looked up. */
export interface NotifyPlace {
  readonly mail: MailPlace | null;
  readonly push: PushPlace | null;
  readonly people: ReadonlyMap<string, PersonReach>;
  /** Nobody answered for so long: the agent's backup is told, then whoever has `role`. */
  readonly backupAfterMs: number;
  readonly roleAfterMs: number;
  readonly role: string;
  /** A page that nobody acknowledged is sent again. */
  readonly pageEveryMs: number;
}
