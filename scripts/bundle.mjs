/**
 * `node scripts/bundle.mjs`: joins the modules of src/ in a few files in dist/, from which an instance runs (0.7 s). In one
 * scope V8 takes for a constant what modules import from each other, so a call takes a tenth less of the thread; and a start
 * reads a few files in place of 800. docs/decisions/0022 has the figures.
 *
 * Never ends a start: where this fails, the instance runs from src/.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const MAIN = join(root, 'src', 'cli', 'lanyard.ts');
/** What `./lanyard` starts, as old as the beginning of its build: what changes meanwhile is newer, so it is built again. */
const ENTRY = 'lanyard.mjs';
/** Files of earlier builds stay so long, since an instance that still runs from them may load more of them. */
const KEPT_MS = 7 * 86_400_000;

const fromDist = (path) => relative(dist, path).split(sep).join('/');

/** The address by which a module finds what lies beside it stays that of its source. */
const ownAddress = {
  name: 'own-address',
  transform(code, id) {
    if (/import\.meta\.(?!url)/.test(code))
      throw new Error(`${id} asks for more of import.meta than its url`);
    const own = `new URL(${JSON.stringify(fromDist(id))}, import.meta.url).href`;
    return { code: code.replaceAll('import.meta.url', own) };
  },
};

/** Commands of a moment stay in src/: the scope is an instance's. */
const othersApart = {
  name: 'others-apart',
  resolveId(source, importer) {
    const [, name] = /^\.\/commands\/([\w-]+)\.ts$/.exec(source) ?? [];
    if (name === undefined || name === 'up' || name === 'start') return null;
    return { id: fromDist(join(dirname(importer), source)), external: true };
  },
};

async function joined() {
  const bundle = await rolldown({
    input: MAIN,
    platform: 'node',
    // What is installed stays where it is.
    external: (id) => !id.startsWith('.') && !id.startsWith(root),
    plugins: [othersApart, ownAddress],
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({
    format: 'esm',
    entryFileNames: ENTRY,
    // By their content, so that no build changes the files of another.
    chunkFileNames: '[name]-[hash].mjs',
    // What crosses from file to file is no constant, so all is one file; but not what runs while it loads a command.
    codeSplitting: { groups: [{ name: 'instance', test: (id) => id !== MAIN }] },
  });
  await bundle.close();
  return output;
}

/** Whole or not at all: others may read it meanwhile, or write the same. */
function put({ fileName, code }, begun) {
  const half = join(dist, `${fileName}.${process.pid}`);
  writeFileSync(half, code);
  utimesSync(half, begun, begun);
  renameSync(half, join(dist, fileName));
}

function removeOlder(kept, now) {
  for (const name of readdirSync(dist)) {
    const path = join(dist, name);
    if (!kept.has(name) && now - statSync(path).mtimeMs > KEPT_MS)
      rmSync(path, { recursive: true, force: true });
  }
}

async function build() {
  const begun = new Date();
  const files = await joined();
  mkdirSync(dist, { recursive: true });
  // The entry last: what it names is there then.
  const entryLast = files.toSorted((a, b) => Number(a.fileName === ENTRY) - Number(b.fileName === ENTRY));
  for (const file of entryLast) put(file, begun);
  removeOlder(new Set(files.map(({ fileName }) => fileName)), begun.getTime());
}

try {
  await build();
} catch (error) {
  console.error(
    `lanyard: src/ could not be joined in dist/ (${error.message}); the instance runs from src/, a little slower.`,
  );
  process.exitCode = 1;
}
