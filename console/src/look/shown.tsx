import { useRef } from 'react';
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

/** More than is on a phone at once: it is said, since a button beside it can be pressed before anybody came to the end. */
const LONG_LINES = 60;
const LONG_LETTERS = 3000;

export function ShownLines({ lines }: { readonly lines: readonly string[] }) {
  const end = useRef<HTMLSpanElement>(null);
  const text = lines.join('\n');
  const count = text.split('\n').length;
  const isLong = count > LONG_LINES || text.length > LONG_LETTERS;
  const toEnd = () => {
    end.current?.focus();
    end.current?.scrollIntoView({ block: 'center' });
  };
  return (
    <>
      {isLong ? (
        <p className="note wait row wrap">
          <span className="grow">
            This is long: {count} lines, {text.length} characters. What matters may stand at its end.
          </span>
          <button type="button" onClick={toEnd}>
            To its end
          </button>
        </p>
      ) : null}
      <ScrollingText>
        <Shown text={text} />
        <span ref={end} tabIndex={-1} />
      </ScrollingText>
    </>
  );
}
