import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Post {
  readonly slug: string;
  readonly title: string;
  readonly body: string;
}

const SLUG = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** A web site as files: `<directory>/published/<slug>.md` is what the public reads, `drafts/` what it does not. */
export class Site {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Slugs, sorted. */
  list(shelf: 'published' | 'drafts'): readonly string[] {
    const directory = join(this.#directory, shelf);
    if (!existsSync(directory)) return [];
    return readdirSync(directory)
      .map((name) => name.replace(/\.md$/, ''))
      .sort();
  }

  read(slug: string): string {
    const published = this.#file('published', slug);
    const file = existsSync(published) ? published : this.#file('drafts', slug);
    if (!existsSync(file)) throw new Error(`there is no post ${slug}`);
    return readFileSync(file, 'utf8');
  }

  write(shelf: 'published' | 'drafts', { slug, title, body }: Post): void {
    const file = this.#file(shelf, slug);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, `# ${title}\n\n${body}\n`);
    if (shelf === 'published') rmSync(this.#file('drafts', slug), { force: true });
  }

  remove(slug: string): void {
    this.read(slug);
    for (const shelf of ['published', 'drafts'] as const) rmSync(this.#file(shelf, slug), { force: true });
  }

  #file(shelf: 'published' | 'drafts', slug: string): string {
    if (!SLUG.test(slug)) throw new Error('a slug is small letters, digits and hyphens');
    return join(this.#directory, shelf, `${slug}.md`);
  }
}
