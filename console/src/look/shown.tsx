import { Foreign } from './foreign.tsx';
import { ScrollingText } from './scroller.tsx';

const WRITTEN_OUT = /\\u\{[0-9a-f]{1,6}\}/g;

/** Text in which the instance has written out what cannot be seen: those places are marked, so that they are seen. */
export function Shown({ text }: { readonly text: string }) {
  const parts: React.ReactNode[] = [];
  let from = 0;
  for (const found of text.matchAll(WRITTEN_OUT)) {
    if (found.index > from) parts.push(<Foreign key={from} text={text.slice(from, found.index)} lines />);
    parts.push(
      <span key={`${from} unseen`} className="unseen" title="a character that cannot be seen">
        {found[0]}
      </span>,
    );
    from = found.index + found[0].length;
  }
  if (from < text.length) parts.push(<Foreign key={from} text={text.slice(from)} lines />);
  return <bdi dir="ltr">{parts}</bdi>;
}

export function ShownLines({ lines }: { readonly lines: readonly string[] }) {
  return (
    <ScrollingText>
      <Shown text={lines.join('\n')} />
    </ScrollingText>
  );
}
