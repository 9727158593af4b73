import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

const REPOSITORY = join(__dirname, '../../..');
const PAGES = ['*.md', 'docs/*.md', 'sandbox/*.md', '.github/**/*.md'].flatMap((pattern) =>
	globSync(join(REPOSITORY, pattern)),
);
const IMAGES = globSync(join(REPOSITORY, 'docs/images/*'));
const LARGEST_IMAGE = 200_000;
const LARGEST_ANIMATION = 2_000_000;

/** Where the links of a page lead, those to other places left out. */
function linksOf(page: string): string[] {
	const text = readFileSync(page, 'utf8');
	const inline = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
	const named = [...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm)].map(([, target]) => target!);
	return [...inline, ...named].filter((target) => !/^[a-z]+:/.test(target));
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
	const headings = readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm);
	return [...headings].map(([, heading]) =>
		heading!
			.toLowerCase()
			.replace(/[^\p{L}\p{N} _-]/gu, '')
			.replaceAll(' ', '-'),
	);
}

it.each(PAGES.map((page) => relative(REPOSITORY, page)))(
	'%s: every link leads somewhere',
	(name) => {
		const page = join(REPOSITORY, name);
		const dead = linksOf(page).filter((target) => {
			const [path = '', anchor] = target.split('#');
			const file = path === '' ? page : join(dirname(page), decodeURIComponent(path));
			if (!existsSync(file)) return true;
			return anchor !== undefined && !anchorsOf(file).includes(anchor);
		});
		expect(dead).toEqual([]);
	},
);

it.each(IMAGES.map((image) => basename(image)))('%s is small, and shown somewhere', (name) => {
	const largest = name.endsWith('.gif') ? LARGEST_ANIMATION : LARGEST_IMAGE;
	expect(statSync(join(REPOSITORY, 'docs/images', name)).size).toBeLessThan(largest);
	const shown = PAGES.flatMap(linksOf).map((target) => basename(target));
	expect(shown).toContain(name);
});

it('the README is short', () => {
	const lines = readFileSync(join(REPOSITORY, 'README.md'), 'utf8').trimEnd().split('\n');
	expect(lines.length).toBeLessThanOrEqual(140);
});
