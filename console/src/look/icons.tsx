/** Line icons, drawn here: nothing is fetched from elsewhere. Always beside a word, so hidden from screen readers. */
const PATHS = {
  now: 'M3 12h4l2-7 4 14 3-9 2 2h3',
  inbox: 'M4 13l2-8h12l2 8v6H4zM4 13h5l1 3h4l1-3h5',
  agents: 'M12 11a4 4 0 100-8 4 4 0 000 8zM4 21c1-5 4-7 8-7s7 2 8 7',
  actions: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  rules: 'M12 4v16M5 8h14M5 8l-2 6h5zM19 8l-3 6h5zM8 20h8',
  inventory: 'M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8',
  log: 'M12 3l7 3v6c0 5-3 8-7 9-4-1-7-4-7-9V6zM9 12l2 2 4-4',
  duties: 'M5 4h14v16H5zM9 9h6M9 13h6M9 17h3',
  drills: 'M12 21a8 8 0 100-16 8 8 0 000 16zM12 13l3-4M9 2h6M12 2v3',
  stop: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM10 9v6M14 9v6',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  sun: 'M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1 1M18 18l1 1M19 5l-1 1M6 18l-1 1',
  moon: 'M20 14A8 8 0 0110 4a8 8 0 1010 10z',
  key: 'M8 15a4 4 0 100-8 4 4 0 000 8zM12 11h9v4M17 11v3',
  out: 'M14 4h6v16h-6M4 12h11M11 8l4 4-4 4',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Mark() {
  return (
    <svg aria-hidden="true" width="24" height="24" viewBox="0 0 32 32" fill="none" stroke="currentColor">
      <g strokeWidth="3" strokeLinecap="round" strokeLinejoin="round">
        <path d="M6 3c1 8 4 11 10 13C22 14 25 11 26 3" />
        <rect x="10" y="16" width="12" height="13" rx="3" />
        <path d="M14 22h4" />
      </g>
    </svg>
  );
}
