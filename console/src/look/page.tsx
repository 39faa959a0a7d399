import { useEffect, useRef } from 'react';

/** Whether any page stood here before: the first is told of by the browser itself. */
let isFirst = true;

/** A page: its name, in the tab and as the one heading, and a sentence on what it is for. */
export function Page({
  title,
  about,
  children,
}: {
  readonly title: string;
  readonly about?: React.ReactNode;
  readonly children: React.ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Lanyard`;
  }, [title]);
  const name = useRef<HTMLHeadingElement>(null);
  // Whoever followed a link and only hears the page is told where she is. What she has begun to fill in meanwhile keeps the focus.
  useEffect(() => {
    const at = document.activeElement;
    const followed = at === null || at === document.body || at.tagName === 'A';
    if (!isFirst && followed) name.current?.focus({ preventScroll: true });
    isFirst = false;
  }, []);
  return (
    <div className="page">
      <header>
        <h1 ref={name} tabIndex={-1}>
          {title}
        </h1>
        {about === undefined ? null : <p>{about}</p>}
      </header>
      {children}
    </div>
  );
}

export function Card({
  title,
  aside,
  children,
}: {
  readonly title: string;
  readonly aside?: React.ReactNode;
  readonly children: React.ReactNode;
}) {
  return (
    <section className="card" aria-label={title}>
      <header>
        <h2 className="grow">{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
