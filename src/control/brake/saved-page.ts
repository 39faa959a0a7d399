import { LIMITS } from '../../base/limits.ts';

/**
 * The page that a person keeps among her phone's files: it holds her codes and the address of the topic, works from there
 * without this instance being reached, and sends one code for each press. It can be sent from without a script too.
 */
export function savedPage(topic: string, person: string, codes: readonly string[]): string {
  const place = new URL(topic).origin;
  const forms = codes
    .map(
      (code, i) =>
        `<form method="post" action="${escaped(topic)}" enctype="text/plain"><input type="hidden" name="lanyard-stop" value="${code} all frozen"><button>Stop everything (code ${i + 1})</button></form>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src ${place}; form-action ${place}; base-uri 'none'">
<meta name="referrer" content="no-referrer">
<title>Stop · Lanyard</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Lanyard <span>stop of ${escaped(person)}</span></h1>
<p>Keep this page on your phone and show it to nobody. Each press sends one of ${codes.length} codes, and each is good once.</p>
<p id="said" role="status"></p>
<button id="stop" class="stop" hidden>Stop everything</button>
<details id="each" open><summary>One code at a time</summary>
${forms}
</details>
</main>
<script>${SCRIPT.replace('__TOPIC__', () => inScript(topic)).replace('__CODES__', () => inScript(codes))}</script>
</body>
</html>
`;
}

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

/** JSON that ends no script. */
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

const STYLE = `:root { color-scheme: light dark; }
body { margin: 0; font: 17px/1.45 system-ui, sans-serif; }
main { max-width: 30rem; min-height: 100dvh; margin: 0 auto; padding: 1rem; box-sizing: border-box; display: flex; flex-direction: column; gap: .75rem; }
h1 { font-size: 1.05rem; margin: 0; } h1 span { font-weight: 400; } p { margin: 0; }
button { font: inherit; min-height: 3rem; width: 100%; margin: .25rem 0; border-radius: .5rem; border: 1px solid; }
.stop { order: 9; margin-top: auto; min-height: 10rem; border: 0; border-radius: 1rem; background: #c41f1f; color: #fff; font-size: 1.6rem; font-weight: 700; touch-action: manipulation; }
.stop:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }`;

/** Which code is next is kept where the browser keeps anything; where it does not, a press begins anywhere and goes on from there. */
const SCRIPT = `
const topic = __TOPIC__, codes = __CODES__;
const name = 'lanyard-stop ' + codes[0].slice(0, 4);
const said = document.getElementById('said'), button = document.getElementById('stop');
let next = crypto.getRandomValues(new Uint8Array(1))[0] % codes.length;
const keep = (place) => { localStorage.setItem(name, String(place)); return place; };
try { next = keep(Number(localStorage.getItem(name)) || 0); } catch { said.textContent = 'This browser keeps nothing: each press sends another code.'; }
button.hidden = false;
document.getElementById('each').open = false;
button.addEventListener('click', async () => {
  const i = next % codes.length;
  next++;
  said.textContent = 'Sending…';
  try { keep(next); } catch { said.textContent = 'Sending… (this browser keeps nothing)'; }
  try {
    const answer = await fetch(topic, { method: 'POST', body: 'lanyard-stop ' + codes[i] + ' all frozen', signal: AbortSignal.timeout(${LIMITS.noticeMs}) });
    if (!answer.ok) throw new Error(answer.status);
    said.textContent = 'Sent (code ' + (i + 1) + '). Lanyard stops everything as soon as it reads it. Press again to send the next code.';
  } catch (error) {
    said.textContent = 'Code ' + (i + 1) + ' could not be sent (' + error.message + '). Press again, or use the buttons below.';
    document.getElementById('each').open = true;
  }
});
`;
