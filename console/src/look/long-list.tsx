import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { Scroller } from './scroller.tsx';
import './long-list.css';

/** A list that may have thousands of rows: what is not on the screen costs nothing. Keys go to `onKeyDown`. */
export function LongList({
  label,
  count,
  rowHeight,
  keyOf,
  onKeyDown,
  onSeen,
  children,
}: {
  readonly label: string;
  readonly count: number;
  /** About how high a row is; each is measured once it is shown. */
  readonly rowHeight: number;
  readonly keyOf: (at: number) => string;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLUListElement>) => void;
  /** Called with the indexes of the first and the last row that are in the page, whenever they change. */
  readonly onSeen?: (seen: [number, number]) => void;
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
  return (
    <Scroller label={label} className="long-list" ref={place}>
      <ul onKeyDown={onKeyDown} style={{ height: lines.getTotalSize() }}>
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
