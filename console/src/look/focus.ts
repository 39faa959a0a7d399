/**
 * A button loses the focus while it cannot be pressed, and for good where what it did takes it off the page. Call this as
 * something begins; what it answers gives the focus back once that has ended and the page shows it: to what had it, or else
 * to the nearest part of the page around it that is still there. Whatever has the focus by then keeps it.
 */
export function wayBack(): () => void {
  const from = document.activeElement;
  if (!(from instanceof HTMLElement) || from === document.body) return () => undefined;
  const around = placesAround(from);
  return () => requestAnimationFrame(() => requestAnimationFrame(() => giveBack(from, around)));
}

const PLACES = 'section, dialog, main';

function placesAround(from: HTMLElement): readonly HTMLElement[] {
  const places: HTMLElement[] = [];
  for (let at = from.parentElement; at !== null; at = at.parentElement)
    if (at.matches(PLACES)) places.push(at);
  return places;
}

function giveBack(from: HTMLElement, around: readonly HTMLElement[]): void {
  const at = document.activeElement;
  if (at !== null && at !== document.body) return;
  from.focus({ preventScroll: true });
  if (document.activeElement === from) return;
  const place = around.find(({ isConnected }) => isConnected);
  if (place === undefined) return;
  if (!place.hasAttribute('tabindex')) place.tabIndex = -1;
  place.focus({ preventScroll: true });
}
