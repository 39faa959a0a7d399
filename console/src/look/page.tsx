import { useEffect } from 'react';

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
  return (
    <div className="page">
      <header>
        <h1>{title}</h1>
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
