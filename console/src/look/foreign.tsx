import { partsOf } from '../../../src/catalog/visible.ts';
import { ScrollingText } from './scroller.tsx';

/**
 * Text that an agent or an upstream wrote: text and never markup, in a direction of its own, and with every character
 * that would not be seen, or would move others, written out and marked.
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
      part
    ),
  );
  if (block !== true) return <bdi dir="ltr">{content}</bdi>;
  return <ScrollingText>{content}</ScrollingText>;
}
