import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import { useOneStop } from './one-stop.ts';
import { Scroller } from './scroller.tsx';
import './long-list.css';

/** A list that may have thousands of rows: what is not on the screen costs nothing, and for the Tab key it is one place. */
export function LongList({
  label,
  count,
  rowHeight,
  keyOf,
  onSeen,
  children,
}: {
  readonly label: string;
  readonly count: number;
  /** About how high a row is; each is measured once it is shown. */
  readonly rowHeight: number;
  readonly keyOf: (at: number) => string;
  /** Called with the indexes of the first and the last row that are in the page, whenever they change. */
  readonly onSeen?: (seen: [number, number]) => void;
  /** What takes the focus in a row is its first element. */
  readonly children: (at: number) => ReactNode;
}) {
  const place = useRef<HTMLElement>(null);
  // By place and not by `keyOf`: a function that is a new one at every render has all ten thousand places worked out
  // anew.
  const lines = useVirtualizer({
    count,
    getScrollElement: () => place.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const shown = lines.getVirtualItems();
  const [begin, end] = [shown[0]?.index ?? 0, shown.at(-1)?.index ?? 0];
  useEffect(() => onSeen?.([begin, end]), [onSeen, begin, end]);
  const { startIndex = 0, endIndex = 0 } = lines.range ?? {};
  const stop = useOneStop({ place, count, shown: [begin, end], seen: [startIndex, endIndex] }, (at) =>
    lines.scrollToIndex(at),
  );
  return (
    <Scroller label={label} className="long-list" ref={place}>
      <ul {...stop} style={{ height: lines.getTotalSize() }}>
        {shown.map(({ index, start }) => (
          <li
            key={keyOf(index)}
            data-index={index}
            ref={lines.measureElement}
            aria-setsize={count}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${start}px)` }}
          >
            {children(index)}
          </li>
        ))}
      </ul>
    </Scroller>
  );
}
