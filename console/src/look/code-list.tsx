import './code-list.css';

/** Recovery codes, to be copied by hand: they are shown once. */
export function CodeList({ codes }: { readonly codes: readonly string[] }) {
  return (
    <ul className="codes" aria-label="Recovery codes">
      {codes.map((code) => (
        <li key={code}>{code}</li>
      ))}
    </ul>
  );
}
