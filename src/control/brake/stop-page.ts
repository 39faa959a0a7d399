import { LIMITS } from '../../base/limits.ts';
import type { BrakeNews } from './messages.ts';
import type { Stopped } from './stop-desk.ts';

/** Pages at /stop, written out whole on the server: nothing of them needs a script. Every text from outside is escaped. */

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => HTML[character] ?? '');

const FIELD = `<div class="field" id="field">
<label for="key">Your stop key</label>
<input id="key" name="key" type="password" autocomplete="current-password" autocapitalize="off" spellcheck="false" required>
</div>`;

const keptKey = (key: string): string => `<input type="hidden" name="key" value="${escaped(key)}">`;

const LEVEL = `<label class="kill"><input type="checkbox" name="level" value="killed"> and take its credentials away (killed)</label>`;

/** How it looks before anybody has shown a key. */
export function askPage(notice?: string): string {
  return page(
    'Stop',
    `${noticed(notice)}
<form method="post" action="/stop" id="stop">
<p class="lead">One press stops every agent at once. A person releases them later, at the console.</p>
${FIELD}
<button class="show" name="show" value="1">Show what runs</button>
${LEVEL}
<button class="stop" name="what" value="all">Stop everything</button>
</form>`,
  );
}

const noticed = (notice: string | undefined): string =>
  notice === undefined ? '' : `<p class="notice" role="alert">${escaped(notice)}</p>`;

/** What would be cut, and a button for each agent. */
export function showPage(key: string, person: string, news: BrakeNews, notice?: string): string {
  return page(
    'Stop',
    `${noticed(notice)}<p class="lead">You are <b>${escaped(person)}</b>. ${escaped(runsText(news))}</p>
<form method="post" action="/stop" id="stop">
${keptKey(key)}
${agentsTable(news, true)}
${LEVEL}
<button class="stop" name="what" value="all">Stop everything</button>
</form>`,
  );
}

/** What was done, and how sure it is. */
export function stoppedPage(
  key: string,
  { scope, level, atMs, kept, report }: Stopped,
  news: BrakeNews,
): string {
  const at = new Date(atMs).toISOString();
  const what = scope === 'all' ? 'Everything' : scope;
  const cut = report?.cut ?? [];
  return page(
    'Stopped',
    `<p class="done" role="status"><b>${escaped(what)} is ${escaped(level)}.</b></p>
<ul class="facts">
<li>In effect since <time datetime="${at}">${at.slice(11, 23)} UTC</time>: nothing of it is sent from then on.</li>
<li>${kept ? 'Kept on disk: it holds after a crash.' : '<b>Not on disk yet</b>: look again before you restart anything.'}</li>
<li>${recordedText(report?.recorded)}</li>
</ul>
${cut.length === 0 ? '' : `<h2>What was cut</h2><ul class="cut">${cut.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>`}
<form method="post" action="/stop" id="stop">
${keptKey(key)}
${agentsTable(news, false)}
<button class="show" name="show" value="1">Look again</button>
${scope === 'all' ? '' : '<button class="stop" name="what" value="all">Stop everything</button>'}
</form>`,
  );
}

function recordedText(recorded: boolean | undefined): string {
  if (recorded === undefined)
    return 'Not in the log yet: the main thread is busy, and writes it when it gets to it.';
  return recorded
    ? 'Recorded in the log.'
    : 'The log cannot be written now; it is written there as soon as it can be.';
}

function runsText({ atMs, agents, alive }: BrakeNews): string {
  if (atMs === 0) return 'What runs is not known here yet; stopping works all the same.';
  const things = Object.entries(alive).map(([kind, count]) => `${kind}: ${count}`);
  return `At ${new Date(atMs).toISOString().slice(11, 19)} UTC a stop of everything would hold ${agents.length} agents and cut ${things.length === 0 ? 'nothing that runs' : things.join(', ')}.`;
}

function agentsTable({ agents }: BrakeNews, withButtons: boolean): string {
  const shown = agents.slice(0, LIMITS.stopLines);
  const rows = shown.map(({ id, level, inFlight }) => {
    const state = `<span class="level ${escaped(level)}">${escaped(level)}</span> ${inFlight === 0 ? '' : `${inFlight} running`}`;
    const button = `<button name="what" value="agent:${escaped(id)}">Stop</button>`;
    return `<li><span class="agent">${escaped(id)}</span> <span class="state">${state}</span> ${withButtons ? button : ''}</li>`;
  });
  const more = agents.length > shown.length ? `<li>and ${agents.length - shown.length} more</li>` : '';
  return `<ul class="agents">${rows.join('\n')}${more}</ul>`;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Lanyard</title>
<link rel="stylesheet" href="/stop.css">
<script src="/stop.js" defer></script>
</head>
<body>
<main>
<h1>Lanyard <span>brake</span></h1>
${body}
</main>
</body>
</html>
`;
}

export const STOP_STYLE = `:root { color-scheme: light dark; --ink: #16181d; --soft: #5a6070; --ground: #fbfbfc; --line: #c9cdd6; --red: #c41f1f; --on-red: #fff; --pane: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f1f4; --soft: #a4abba; --ground: #101216; --line: #3a404c; --red: #e23b3b; --on-red: #fff; --pane: #1a1d24; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 17px/1.45 system-ui, sans-serif; }
main { max-width: 30rem; min-height: 100dvh; margin: 0 auto; padding: 1rem 1rem calc(1rem + env(safe-area-inset-bottom)); display: flex; flex-direction: column; }
h1 { font-size: 1.05rem; margin: 0 0 .75rem; }
h1 span { color: var(--soft); font-weight: 400; }
h2 { font-size: 1rem; margin: 1rem 0 .25rem; }
p { margin: 0 0 .75rem; }
form { display: flex; flex-direction: column; gap: .75rem; flex: 1; }
.field { display: flex; flex-direction: column; gap: .25rem; }
.held .field { display: none; }
input[type=password] { font: inherit; min-height: 3rem; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--pane); color: inherit; width: 100%; }
button { font: inherit; min-height: 3rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--pane); color: inherit; padding: .5rem 1rem; touch-action: manipulation; }
button.stop { margin-top: auto; min-height: 9rem; border: 0; border-radius: 1rem; background: var(--red); color: var(--on-red); font-size: 1.6rem; font-weight: 700; }
button:focus-visible, input:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
.kill { display: flex; gap: .75rem; align-items: center; min-height: 3rem; }
.kill input { width: 1.5rem; height: 1.5rem; flex: none; }
form .kill { margin-top: auto; }
form .kill + button.stop { margin-top: 0; }
.notice, .done { border-left: .35rem solid var(--red); padding: .5rem .75rem; background: var(--pane); }
.done { font-size: 1.25rem; }
.facts { padding-left: 1.2rem; margin: 0 0 .75rem; }
.agents, .cut { list-style: none; padding: 0; margin: 0; }
.agents li { display: grid; grid-template-columns: 1fr auto; align-items: center; gap: .25rem .75rem; padding: .35rem 0; border-bottom: 1px solid var(--line); }
.agents .agent { font-weight: 600; overflow-wrap: anywhere; }
.agents .state { grid-row: 2; color: var(--soft); font-size: .95rem; }
.agents button { grid-row: 1 / 3; grid-column: 2; min-width: 5rem; }
.cut li { padding: .25rem 0; overflow-wrap: anywhere; }
`;

/** Takes the key out of the address of a saved page; without it the key is typed, or filled in by the browser. */
export const STOP_SCRIPT = `const key = /^#(lyb_[0-9a-f]{8}_[A-Za-z0-9_-]{43})$/.exec(location.hash)?.[1];
const field = document.getElementById('key');
if (key !== undefined && field !== null) {
  field.value = key;
  document.body.classList.add('held');
}
document.getElementById('stop')?.addEventListener('submit', ({ submitter }) => {
  if (submitter?.name === 'what') submitter.textContent = 'Stopping…';
});
`;
