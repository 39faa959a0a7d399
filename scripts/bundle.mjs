/**
 * `node scripts/bundle.mjs SUM`: joins the modules of src/ in a few files in dist/SUM/, from which an instance runs (0.7 s).
 * SUM is what scripts/sum.sh says of them. In one scope V8 takes for a constant what modules import from each other, so a
 * call takes a tenth less of the thread; and a start reads a few files in place of 800. docs/decisions/0022 has the figures.
 *
 * Never ends a start: where this fails, the instance runs from src/.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const MAIN = join(root, 'src', 'cli', 'lanyard.ts');
/** The checksums of the others, by which `./lanyard` sees that all are there as they were written. */
const WHOLE = 'whole';
/** What was killed in the middle stays so long; earlier builds do as well, and the newest few of them whatever their age. */
const KEPT_MS = 7 * 86_400_000;
/** An instance may run from an earlier build for months, and starts its threads from there after each rest. */
const KEPT_BUILDS = 20;
/** What a directory that is there already answers to one that would take its place. */
const TAKEN = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR']);

/** From a build's directory. */
const fromBuild = (path) => relative(join(dist, 'SUM'), path).split(sep).join('/');

/** A thread's file in a build, by the file in src/ that it is started from. */
const threadName = (path) => relative(join(root, 'src'), path).split(sep).join('-').replace(/\.ts$/, '.mjs');

/** What is said of addresses: of the thread that is started, or a module's own. */
const ADDRESSES = /new Worker\((?:new URL\('([^']+)', import\.meta\.url\))?|import\.meta\.url/g;

/**
 * The address by which a module finds what lies beside it stays that of its source; but threads are joined as well. They
 * are started at any time, when the source may be another already than that of the instance.
 */
const ownAddress = (threads) => ({
  name: 'own-address',
  transform(code, id) {
    if (/import\.meta\.(?!url)/.test(code))
      throw new Error(`${id} asks for more of import.meta than its url`);
    const own = `new URL(${JSON.stringify(fromBuild(id))}, import.meta.url).href`;
    const addressed = (found, beside) => {
      if (!found.startsWith('new Worker')) return own;
      if (beside === undefined) throw new Error(`${id} starts a thread in another way than is read here`);
      const thread = join(dirname(id), beside);
      threads.add(thread);
      return `new Worker(new URL('./${threadName(thread)}', import.meta.url)`;
    };
    return { code: code.replaceAll(ADDRESSES, addressed) };
  },
});

/** Commands of a moment stay in src/: the scope is an instance's. */
const othersApart = {
  name: 'others-apart',
  resolveId(source, importer) {
    const [, name] = /^\.\/commands\/([\w-]+)\.ts$/.exec(source) ?? [];
    if (name === undefined || name === 'up' || name === 'start') return null;
    return { id: fromBuild(join(dirname(importer), source)), external: true };
  },
};

async function joined() {
  const threads = new Set();
  const files = await joinedFrom(MAIN, threads, {
    entryFileNames: 'lanyard.mjs',
    chunkFileNames: '[name].mjs',
    // What crosses from file to file is no constant, so all is one file; but not what runs while it loads a command.
    codeSplitting: { groups: [{ name: 'instance', test: (id) => id !== MAIN }] },
  });
  // Each by itself: it has its own copy of every module anyway.
  for (const thread of threads)
    files.push(
      ...(await joinedFrom(thread, threads, { entryFileNames: threadName(thread), codeSplitting: false })),
    );
  return files;
}

async function joinedFrom(input, threads, output) {
  // Only now: where it was not installed for this system, that is one more reason to run from src/.
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    input,
    // Modules are named from here, wherever the start was called.
    cwd: root,
    platform: 'node',
    // What is installed stays where it is.
    external: (id) => !id.startsWith('.') && !id.startsWith(root),
    plugins: [othersApart, ownAddress(threads)],
    logLevel: 'silent',
  });
  const made = await bundle.generate({ format: 'esm', ...output });
  await bundle.close();
  return made.output;
}

const sumNow = () =>
  execFileSync('sh', [join(root, 'scripts', 'sum.sh'), 'program'], {
    env: { ...process.env, root },
    encoding: 'utf8',
  }).trim();

function write(half, files) {
  for (const { fileName, code } of files) writeFileSync(join(half, fileName), code);
  const names = files.map(({ fileName }) => `./${fileName}`).sort();
  writeFileSync(join(half, WHOLE), execFileSync('cksum', names, { cwd: half }));
}

/** Whole or not at all: others may run from it meanwhile, or make the same. */
function place(half, built) {
  for (let tries = 0; tries < 3; tries++) {
    try {
      return renameSync(half, built);
    } catch (error) {
      if (!TAKEN.has(error.code)) throw error;
    }
    if (isSame(half, built)) return rmSync(half, { recursive: true });
    // At once, for others find that it is damaged, too.
    const damaged = `${half}-damaged`;
    renameSync(built, damaged);
    rmSync(damaged, { recursive: true });
  }
  throw new Error(`${built} is made by others at the same time`);
}

function isSame(half, built) {
  try {
    return readdirSync(half).every((name) =>
      readFileSync(join(half, name)).equals(readFileSync(join(built, name))),
    );
  } catch {
    return false;
  }
}

function removeOlder(built) {
  const found = readdirSync(dist).map((name) => ({ name, ms: statSync(join(dist, name)).mtimeMs }));
  const [halves, builds] = [true, false].map((isHalf) =>
    found.filter(({ name }) => name.startsWith('half-') === isHalf),
  );
  const spare = builds.sort((a, b) => b.ms - a.ms).slice(KEPT_BUILDS);
  for (const { name, ms } of [...halves, ...spare])
    if (join(dist, name) !== built && Date.now() - ms > KEPT_MS)
      rmSync(join(dist, name), { recursive: true, force: true });
}

async function build(sum) {
  try {
    mkdirSync(dist);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (realpathSync(dist) !== dist)
    throw new Error(`${dist} is a link to another place, where nothing of what is installed would be found`);
  const built = join(dist, sum);
  const half = join(dist, `half-${randomUUID()}`);
  mkdirSync(half);
  try {
    write(half, await joined());
    if (sumNow() !== sum) throw new Error('it changed meanwhile');
    place(half, built);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  removeOlder(built);
}

try {
  const [sum = sumNow()] = process.argv.slice(2);
  await build(sum);
} catch (error) {
  // In one line, without the colours and the traces of what joins.
  const said = stripVTControlCharacters(error.message).replaceAll(/^\s+at .*$/gm, '');
  const why = said.replaceAll(/\s+/g, ' ').trim();
  console.error(
    `lanyard: src/ could not be joined in dist/ (${why}); the instance runs from src/, a little slower.`,
  );
  process.exitCode = 1;
}
