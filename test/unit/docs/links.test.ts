import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const ROOT = join(__dirname, '../../..');
const PAGES = globSync('{*.md,docs/*.md,sandbox/*.md}', { cwd: ROOT });
/** Links and pictures of Markdown, `[text](target)`. */
const TARGET = /\]\(([^)\s]+)\)/g;

/** @returns the anchors that GitHub makes of a page's headings */
function anchorsOf(page: string): string[] {
	const headings = readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm);
	return [...headings].map(([, heading]) =>
		heading!
			.toLowerCase()
			.replace(/[^\p{L}\p{N} _-]/gu, '')
			.replaceAll(' ', '-'),
	);
}

describe('pages', () => {
	it.each(PAGES)('%s links to files and headings that exist', (page) => {
		const text = readFileSync(join(ROOT, page), 'utf8').replace(/^```[^]*?^```/gm, '');
		const missing = [...text.matchAll(TARGET)]
			.map(([, target]) => target!)
			.filter((target) => !/^(https?|mailto):/.test(target))
			.filter((target) => {
				const [path, anchor] = target.split('#');
				const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path!);
				if (!existsSync(file)) return true;
				return anchor !== undefined && !anchorsOf(file).includes(anchor);
			});
		expect(missing).toEqual([]);
	});

	it('use every picture', () => {
		const texts = PAGES.map((page) => readFileSync(join(ROOT, page), 'utf8')).join();
		const pictures = globSync('docs/images/*', { cwd: ROOT }).map((path) => relative('docs', path));
		expect(pictures.filter((picture) => !texts.includes(picture))).toEqual([]);
	});

	it('README is short', () => {
		const lines = readFileSync(join(ROOT, 'README.md'), 'utf8').trimEnd().split('\n');
		expect(lines.length).toBeLessThanOrEqual(140);
	});
});
