import { LIMITS } from '../../../base/limits.ts';
import type { Carrier } from '../carrier.ts';
import type { MailPlace } from '../reach.ts';

/** Plain text by SMTP (nodemailer): nothing in it is markup, and nothing is fetched to make it. */
export function mailCarrier(place: MailPlace, to: string): Carrier {
  return {
    async send({ id, title, lines, link, page }, signal) {
      // Only once there is mail: its modules take 20 MB.
      const { createTransport } = await import('nodemailer');
      signal.throwIfAborted();
      const transport = createTransport({
        host: place.host,
        port: place.port,
        secure: place.secure,
        // On loopback there is nobody to listen in, and local relays rarely have a certificate.
        requireTLS: !place.secure && !isLoopback(place.host),
        ignoreTLS: !place.secure && isLoopback(place.host),
        ...(place.user === undefined ? {} : { auth: { user: place.user, pass: place.password ?? '' } }),
        connectionTimeout: LIMITS.noticeMs,
        greetingTimeout: LIMITS.noticeMs,
        socketTimeout: LIMITS.noticeMs,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const end = () => transport.close();
      signal.addEventListener('abort', end, { once: true });
      try {
        await transport.sendMail({
          from: { name: 'Lanyard', address: place.from },
          to: { name: '', address: to },
          subject: title,
          text: `${[...lines, ...(link === null ? [] : ['', link])].join('\n')}\n`,
          messageId: `<${id}@${place.from.split('@')[1] ?? 'lanyard'}>`,
          headers: { 'Auto-Submitted': 'auto-generated', ...(page ? { Importance: 'high' } : {}) },
        });
      } finally {
        signal.removeEventListener('abort', end);
        end();
      }
    },
  };
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
