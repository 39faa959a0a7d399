import type { ReactNode, Ref } from 'react';

/** What may be wider or longer than its place scrolls by itself, and so takes the focus: else no keyboard could scroll it. */
export function Scroller({
  label,
  className = 'scroller',
  ref,
  children,
}: {
  readonly label: string;
  readonly className?: string;
  readonly ref?: Ref<HTMLElement>;
  readonly children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={className} ref={ref} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}

/** Text as it is, line by line, whatever direction its characters ask for. */
export function ScrollingText({ children }: { readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre className="text" dir="ltr" tabIndex={0}>
      {children}
    </pre>
  );
}
