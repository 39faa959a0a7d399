import { useSyncExternalStore } from 'react';

type Theme = 'light' | 'dark';
const KEY = 'lanyard-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function current(): Theme {
  const chosen = localStorage.getItem(KEY);
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return dark.matches ? 'dark' : 'light';
}

function show(): void {
  document.documentElement.dataset['theme'] = current();
  for (const listener of listeners) listener();
}

/** Follows the system until somebody chooses; the choice stays in this browser. */
export function startTheme(): void {
  dark.addEventListener('change', show);
  show();
}

export function useTheme(): [Theme, () => void] {
  const theme = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
  return [
    theme,
    () => {
      localStorage.setItem(KEY, theme === 'dark' ? 'light' : 'dark');
      show();
    },
  ];
}
