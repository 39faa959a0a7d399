import { useEffect, useId, useRef, useState } from 'react';
import type { LogView } from '../../../../src/contract/control-reads.ts';
import type { Report } from '../../../../src/ledger/verify/report.ts';
import { send } from '../../api/ask.ts';
import { chunksOf } from '../../api/chunks.ts';
import { Badge } from '../../look/badges.tsx';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Card } from '../../look/page.tsx';
import type { FromVerifier, ToVerifier } from '../../verify/verifier.ts';

/**
 * Verifies the whole log in this browser, by the code of `./lanyard log verify`, from the bytes of an exported bundle:
 * the instance only hands them out. A key that the reader brings proves the origin as well.
 */
export function Verify({ view }: { readonly view: LogView }) {
  const { busy, error, run } = useDoing();
  const [read, setRead] = useState(0);
  const [report, setReport] = useState<Report | null>(null);
  const [key, setKey] = useState('');
  const [against, setAgainst] = useState('');
  const ids = { key: useId(), against: useId() };
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const verify = () =>
    run(async () => {
      setReport(null);
      const ended = new AbortController();
      running.current = ended;
      setReport(await verifyHere(key.trim(), against, setRead, ended.signal));
    });
  return (
    <Card title="Verify in this browser">
      <div className="body stack">
        <p>
          Fetches all {view.entries} entries and checks every one: its hash, its place in the tree, and the
          signature over the whole. Nothing the instance says about itself is believed.
        </p>
        <div className="field">
          <label htmlFor={ids.key}>
            Key you wrote down elsewhere (optional; proves where the log comes from)
          </label>
          <input
            id={ids.key}
            className="mono"
            value={key}
            onChange={(event) => setKey(event.target.value)}
            spellCheck={false}
          />
        </div>
        <div className="field">
          <label htmlFor={ids.against}>
            Checkpoints kept elsewhere (optional; show a log that was rewritten or set back)
          </label>
          <textarea
            id={ids.against}
            rows={2}
            value={against}
            onChange={(event) => setAgainst(event.target.value)}
            spellCheck={false}
          />
        </div>
        <div className="row wrap">
          <button type="button" className="main" disabled={busy} onClick={verify}>
            Verify
          </button>
          <button type="button" disabled={busy} onClick={() => run(download)}>
            Export the log
          </button>
          {busy && read > 0 ? <span className="soft">{Math.round(read / 1024)} KiB read</span> : null}
        </div>
        <div aria-live="polite">
          <DoingFault error={error} />
          {report === null ? null : <Found report={report} />}
        </div>
      </div>
    </Card>
  );
}

function Found({ report }: { readonly report: Report }) {
  return (
    <div className={report.holds ? 'note fine' : 'note stop'}>
      <p>
        <Badge tone={report.holds ? 'fine' : 'stop'}>{report.holds ? 'It holds' : 'It does not hold'}</Badge>{' '}
        {report.entries} entries, {report.covered} of them covered by the signature
        {report.key?.given === true
          ? ', by the key you gave'
          : ', by the key that came with the log: integrity, not origin'}
        .
      </p>
      {report.faults.map((fault) => (
        <p key={`${fault.code} ${fault.from}`}>
          {fault.from === null ? '' : `From entry ${fault.from} on: `}
          {fault.what}
        </p>
      ))}
    </div>
  );
}

async function verifyHere(
  key: string,
  against: string,
  onRead: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Report> {
  const response = await send('/v1/log/export', undefined, signal);
  const worker = new Worker(new URL('../../verify/worker.ts', import.meta.url), { type: 'module' });
  signal.addEventListener('abort', () => worker.terminate());
  const answer = new Promise<Report>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<FromVerifier>) => {
      if ('report' in data) resolve(data.report);
      else reject(new Error(data.error));
    };
    worker.onerror = () => reject(new Error('The verifier could not be started.'));
  });
  const say = (message: ToVerifier) => worker.postMessage(message);
  say({ begin: { ...(key === '' ? {} : { key }), ...(against === '' ? {} : { against }) } });
  let bytes = 0;
  for await (const chunk of chunksOf(response)) {
    bytes += chunk.length;
    onRead(bytes);
    say({ chunk });
  }
  say({ end: true });
  return answer.finally(() => worker.terminate());
}

async function download(): Promise<void> {
  const response = await send('/v1/log/export');
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = 'lanyard-log.ndjson';
  link.click();
  URL.revokeObjectURL(address);
}
