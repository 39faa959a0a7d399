import { partsOf } from '../../../src/catalog/visible.ts';
import { lookAlikesIn } from './look-alike.ts';
import { ScrollingText } from './scroller.tsx';

/**
 * Text that an agent or an upstream wrote: text and never markup, in a direction of its own, and with every character
 * that would not be seen, would move others, or is taken for another letter, written out and marked.
 */
export function Foreign({
  text,
  block,
  lines,
}: {
  readonly text: string;
  readonly block?: boolean;
  /** Newlines stay although it is no block. */
  readonly lines?: boolean;
}) {
  const parts = partsOf(text, block === true || lines === true);
  const content = parts.map(({ text: part, unseen }, at) =>
    unseen ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text have no other name than their place
      <span key={at} className="unseen" title="a character that cannot be seen">
        {part}
      </span>
    ) : (
      readable(part)
    ),
  );
  if (block !== true) return <bdi dir="ltr">{content}</bdi>;
  return <ScrollingText>{content}</ScrollingText>;
}

/** Text that is seen, with each letter of a word written out that only looks like the one it is read as. */
function readable(text: string): React.ReactNode {
  const found = lookAlikesIn(text);
  if (found.length === 0) return text;
  const shown: React.ReactNode[] = [];
  let from = 0;
  for (const at of found) {
    shown.push(
      text.slice(from, at),
      <span key={at} className="unseen" title="a letter of another alphabet that looks like this word’s">
        {`\\u{${text.charCodeAt(at).toString(16)}}`}
      </span>,
    );
    from = at + 1;
  }
  return [...shown, text.slice(from)];
}
