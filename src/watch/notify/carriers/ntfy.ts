import type { Carrier } from '../carrier.ts';
import { post } from '../post.ts';

/** A topic of ntfy (docs.ntfy.sh/publish), or of whatever speaks as it does. */
export function ntfyCarrier(url: string, token: string | undefined): Carrier {
  return {
    send: ({ title, lines, page, link }, signal) =>
      post(
        url,
        {
          'content-type': 'text/plain; charset=utf-8',
          title,
          priority: page ? 'urgent' : 'default',
          tags: page ? 'rotating_light' : 'question',
          ...(link === null ? {} : { click: link }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        lines.join('\n'),
        signal,
      ),
  };
}
