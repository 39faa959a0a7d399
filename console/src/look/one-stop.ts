import {
  type FocusEvent,
  type KeyboardEvent,
  type RefObject,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

interface Rows {
  readonly place: RefObject<HTMLElement | null>;
  readonly count: number;
  /** The first and the last row that are in the page, and that are on the screen. */
  readonly shown: readonly [number, number];
  readonly seen: readonly [number, number];
}

/** How many rows a key goes on: `page` of them are on the screen. */
function stepOf(key: string, page: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ...{ ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 },
    ...{ PageDown: page, PageUp: -page },
    ...{ Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY },
  };
  return Object.hasOwn(steps, key) ? steps[key] : undefined;
}

const within = (at: number, [least, most]: readonly [number, number]): number =>
  Math.min(Math.max(at, least), Math.max(least, most));

/**
 * One stop of the Tab key for a list of which only a part is in the page: else a thousand presses, or endless ones, lay
 * before whatever comes after it. Arrows, j and k, Home, End and the Page keys go from row to row, and where a row with the
 * focus leaves the page, the nearest one takes it.
 */
export function useOneStop(
  { place, count, shown, seen }: Rows,
  goTo: (at: number) => void,
): {
  onKeyDown(event: KeyboardEvent<HTMLUListElement>): void;
  onFocus(event: FocusEvent<HTMLUListElement>): void;
  onBlur(event: FocusEvent<HTMLUListElement>): void;
} {
  const [last, keep] = useState(0);
  /** Whether the focus is, or was with a row that is gone, in the list; and whether it goes to a row that is not here yet. */
  const inside = useRef(false);
  const goes = useRef(false);
  const kept = within(last, [0, count - 1]);
  const isShown = kept >= shown[0] && kept <= shown[1];
  const at = goes.current || isShown ? kept : within(kept, seen);

  useLayoutEffect(() => {
    let row: HTMLElement | undefined;
    for (const line of place.current?.querySelectorAll<HTMLElement>('li') ?? []) {
      const first = line.firstElementChild;
      if (!(first instanceof HTMLElement)) continue;
      const isHere = Number(line.dataset['index']) === at;
      first.tabIndex = isHere ? 0 : -1;
      if (isHere) row = first;
    }
    if (row === undefined || !inside.current) return;
    if (!goes.current && document.activeElement !== document.body) return;
    row.focus({ preventScroll: true });
    if (goes.current) row.scrollIntoView({ block: 'nearest' });
    goes.current = false;
  });

  return {
    onKeyDown(event) {
      const step = stepOf(event.key, Math.max(1, seen[1] - seen[0]));
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const next = within(indexOf(event.target) + step, [0, count - 1]);
      goes.current = true;
      keep(next);
      goTo(next);
    },
    onFocus(event) {
      inside.current = true;
      if (!goes.current) keep(indexOf(event.target));
    },
    onBlur({ target, relatedTarget }) {
      // A row that is taken out of the page loses the focus too, and then to nobody.
      if (target.isConnected) inside.current = place.current?.contains(relatedTarget) === true;
    },
  };
}

function indexOf(target: EventTarget): number {
  const line = target instanceof Element ? target.closest<HTMLElement>('li') : null;
  return Number(line?.dataset['index'] ?? 0);
}
