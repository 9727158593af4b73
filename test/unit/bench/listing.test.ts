import { Archive, FILES_PER_SESSION } from '../../bench/archive/archive';
import { listingXml, pageOf, type ListQuery } from '../../bench/archive/listing';
import { readListing } from '../../../nodes/Agora/storage/listing';
import { readPlaylist } from '../../../nodes/Agora/recordings/playlist';
import { readSessionRecord } from '../../../nodes/Agora/recordings/sessionRecord';
import { selectPage as sandboxPage } from '../../../sandbox/bucket/listing';

const NOW = Date.parse('2026-11-24T13:00:00Z');
const mp4Bytes = 90_000_000;
const flat = new Archive({ sessions: 12, dated: false, mp4Bytes }, NOW);
const dated = new Archive({ sessions: 105, dated: true, mp4Bytes }, NOW);
const keysOf = (archive: Archive) =>
	Array.from({ length: archive.size }, (_, n) => archive.keyAt(n));

interface Listed {
	keys: string[];
	prefixes: string[];
}

/** Walks a listing page by page, and gives up one that would not end. */
function walk(next: (token?: string) => Listed & { next?: string }): Listed[] {
	const pages: Listed[] = [];
	let token: string | undefined;
	do {
		const page = next(token);
		pages.push({ keys: page.keys, prefixes: page.prefixes });
		token = page.next;
	} while (token !== undefined && pages.length < 1000);
	return pages;
}

const asSandbox = (keys: string[], query: ListQuery) =>
	walk((token) => sandboxPage(keys, { ...query, 'continuation-token': token }));

const asGenerator = (archive: Archive, query: ListQuery) =>
	walk((token) => {
		const asked = { ...query, 'list-type': '2', 'encoding-type': 'url' };
		const paged = token === undefined ? asked : { ...asked, 'continuation-token': token };
		const page = readListing([...listingXml(archive, 'b', paged)].join(''));
		return {
			keys: page.objects.map(({ key }) => key),
			prefixes: page.prefixes,
			next: page.nextToken ?? undefined,
		};
	});

describe.each([
	['in one folder', flat],
	['in folders by day', dated],
])('an archive %s', (_, archive) => {
	const keys = keysOf(archive);
	const middle = keys[Math.floor(keys.length / 2)]!;
	const session = middle.slice(0, middle.indexOf('_') + 1);
	const day = middle.slice(0, middle.lastIndexOf('/') + 1);

	it('has its keys in order, each once, and finds each by its name', () => {
		expect(keys).toEqual([...new Set(keys)].sort());
		for (let n = 0; n < keys.length; n += 97) {
			expect(archive.firstFrom(keys[n]!)).toBe(n);
			expect(archive.firstFrom(`${keys[n]}~`)).toBe(n + 1);
		}
	});

	it.each<ListQuery>([
		{},
		{ 'max-keys': '70' },
		{ prefix: 'recordings/' },
		{ prefix: 'nothing/' },
		{ prefix: session },
		{ prefix: session, 'max-keys': '7' },
		{ prefix: `${day}` },
		{ prefix: 'recordings/', delimiter: '/', 'max-keys': '2' },
		{ prefix: 'recordings/', delimiter: '_' },
		{ prefix: 'recordings/', delimiter: '_', 'max-keys': '5' },
		{ prefix: day, delimiter: '_', 'max-keys': '5' },
		{ prefix: session, delimiter: '_', 'max-keys': '1' },
		{ 'start-after': middle, 'max-keys': '500' },
		{ prefix: 'recordings/', 'start-after': `${session}~`, 'max-keys': '300' },
		{ prefix: 'recordings/', delimiter: '_', 'start-after': session, 'max-keys': '3' },
		{ prefix: 'recordings/', delimiter: '/', 'start-after': `${day}~` },
		{ prefix: 'recordings/', 'start-after': 'a' },
		{ prefix: 'recordings/', 'start-after': 'z' },
	])('is listed as the sandbox lists it: %j', (query) => {
		expect(asGenerator(archive, query)).toEqual(asSandbox(keys, query));
	});

	it('is listed by marker in the first version', () => {
		const listed: string[] = [];
		for (let marker: string | null = ''; marker !== null;) {
			const page = pageOf(archive, { marker });
			listed.push(...page.objects.map((n) => archive.keyAt(n)));
			marker = page.next;
		}
		expect(listed).toEqual(keys);
	});

	it('holds complete recordings that have rested, in texts of the listed size', () => {
		for (let n = 0; n < archive.size; n += FILES_PER_SESSION) {
			const [list, record, film] = [0, 1, 2].map((file) => archive.objectAt(n + file));
			const playlist = archive.read(list!.key) as string;
			const names = readPlaylist(playlist).slices.map(({ uri }) => uri);
			const folder = list!.key.slice(0, list!.key.lastIndexOf('/') + 1);
			expect(readPlaylist(playlist)).toMatchObject({ ended: true, durationSeconds: 3555 });
			expect(names.map((name) => folder + name)).toEqual(keys.slice(n + 3, n + FILES_PER_SESSION));
			expect(list!.size).toBe(playlist.length);
			const text = archive.read(record!.key) as string;
			expect(record!.size).toBe(text.length);
			expect(readSessionRecord(text, archive.sidOf(n / FILES_PER_SESSION))).not.toBeNull();
			expect(archive.read(film!.key)).toBe(mp4Bytes);
			expect(archive.objectAt(n + FILES_PER_SESSION - 1).changed).toBeLessThan(NOW - 7_200_000);
		}
		expect(archive.read('recordings/nothing')).toBeNull();
	});
});

it('ends with the folder of today, and begins as many days before as it has hundreds', () => {
	expect(dated.keyAt(0)).toMatch(/^recordings\/20261123\//);
	expect(dated.keyAt(dated.size - 1)).toMatch(/^recordings\/20261124\//);
});
