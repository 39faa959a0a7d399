import type { Carrier } from '../carrier.ts';
import { post } from '../post.ts';

/** An incoming webhook of Slack, or of whatever takes the same (Mattermost, Rocket.Chat, Discord's /slack). */
export function slackCarrier(url: string): Carrier {
  return {
    send: ({ title, lines, link }, signal) => {
      const text = [
        `*${escaped(title)}*`,
        ...lines.map((line) => `• ${escaped(line)}`),
        ...(link === null ? [] : [`<${escaped(link)}|Open in Lanyard>`]),
      ].join('\n');
      // A preview would open the link before a person does.
      const body = JSON.stringify({ text, unfurl_links: false, unfurl_media: false });
      return post(url, { 'content-type': 'application/json' }, body, signal);
    },
  };
}

/** Slack's three (api.slack.com, Formatting text): without them nothing becomes a link or calls a channel. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
