import { Foreign } from './foreign.tsx';
import { ScrollingText } from './scroller.tsx';
import './cedar.css';

const TOKEN =
  /(\/\/[^\n]*)|("(?:[^"\\]|\\.)*")|(@[a-z]+)|\b(permit|forbid|when|unless|temporal|principal|action|resource|context|in|is|has|like|if|then|else|true|false)\b/g;
const CLASSES = ['comment', 'string', 'annotation', 'word'] as const;

/** A rule with its words told apart. Colours only help reading; nothing is left out or moved. */
export function Cedar({ text }: { readonly text: string }) {
  const parts: React.ReactNode[] = [];
  let from = 0;
  for (const found of text.matchAll(TOKEN)) {
    if (found.index > from) parts.push(<Foreign key={from} text={text.slice(from, found.index)} lines />);
    const kind = CLASSES[found.slice(1).findIndex((group) => group !== undefined)] ?? 'word';
    parts.push(
      <span key={`${from} ${kind}`} className={`cedar-${kind}`}>
        <Foreign text={found[0]} lines />
      </span>,
    );
    from = found.index + found[0].length;
  }
  parts.push(<Foreign key={from} text={text.slice(from)} lines />);
  return <ScrollingText>{parts}</ScrollingText>;
}
