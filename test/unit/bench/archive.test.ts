import { archiveIn, FILES_PER_SESSION } from '../../bench/archive';
import { pageOf, readListQuery } from '../../storage/stubs/listing';
import { pageXml } from '../../storage/stubs/listingXml';
import { readListing } from '../../../nodes/Agora/storage/listing';
import { readPlaylist } from '../../../nodes/Agora/recordings/playlist';
import { readSessionRecord } from '../../../nodes/Agora/recordings/sessionRecord';
import { selectPage } from '../../../sandbox/bucket/listing';

const NOW = Date.parse('2026-11-24T13:00:00Z');
const MP4_BYTES = 90_000_000;
const archive = archiveIn('sessions.12', NOW);
const keys = Array.from({ length: archive.length }, (_, index) => archive.at(index)!);
const middle = keys[keys.length / 2]!;
const session = middle.slice(0, middle.indexOf('_') + 1);

type Query = Record<string, string>;

interface ListedPage {
	keys: string[];
	prefixes: string[];
	next?: string;
}

/** Lists page by page, up to a thousand pages. */
function listAll(pageAt: (query: Query) => ListedPage, query: Query) {
	const pages: Array<Pick<ListedPage, 'keys' | 'prefixes'>> = [];
	let next: Query = {};
	for (let page: ListedPage; pages.length < 1000; next = { 'continuation-token': page.next }) {
		page = pageAt({ ...query, ...next });
		pages.push({ keys: page.keys, prefixes: page.prefixes });
		if (page.next === undefined) break;
	}
	return pages;
}

function archivePage(parameters: Query): ListedPage {
	const query = readListQuery({ ...parameters, 'list-type': '2', 'encoding-type': 'url' });
	const xml = pageXml(pageOf(archive, query), query, ({ index }) => archive.objectAt(index!));
	const page = readListing(xml);
	return {
		keys: page.objects.map(({ key }) => key),
		prefixes: page.prefixes,
		next: page.nextToken ?? undefined,
	};
}

describe('an archive', () => {
	it('has its keys in order, each once', () => {
		expect(keys).toEqual([...new Set(keys)].sort());
		expect(archive.at(archive.length)).toBeUndefined();
	});

	it.each<Query>([
		{},
		{ 'max-keys': '70' },
		{ prefix: 'recordings/' },
		{ prefix: 'nothing/' },
		{ prefix: session, 'max-keys': '7' },
		{ prefix: 'recordings/', delimiter: '/', 'max-keys': '2' },
		{ prefix: 'recordings/', delimiter: '_' },
		{ prefix: 'recordings/', delimiter: '_', 'max-keys': '5' },
		{ prefix: session, delimiter: '_', 'max-keys': '1' },
		{ 'start-after': middle, 'max-keys': '500' },
		{ prefix: 'recordings/', 'start-after': `${session}~`, 'max-keys': '300' },
		{ prefix: 'recordings/', delimiter: '_', 'start-after': session, 'max-keys': '3' },
		{ prefix: 'recordings/', 'start-after': 'a' },
		{ prefix: 'recordings/', 'start-after': 'z' },
	])('is listed like the same keys in the sandbox: %j', (query) => {
		expect(listAll(archivePage, query)).toEqual(listAll((each) => selectPage(keys, each), query));
	});

	it('contains completed recordings, with files of the listed size', () => {
		for (let first = 0; first < archive.length; first += FILES_PER_SESSION) {
			const [list, record, mp4] = [0, 1, 2].map((file) => archive.objectAt(first + file));
			const playlist = archive.read(list!.key) as string;
			const names = readPlaylist(playlist).segments.map(({ uri }) => `recordings/${uri}`);
			expect(readPlaylist(playlist)).toMatchObject({ ended: true, durationSeconds: 3555 });
			expect(names).toEqual(keys.slice(first + 3, first + FILES_PER_SESSION));
			expect(list!.size).toBe(playlist.length);
			const text = archive.read(record!.key) as string;
			expect(record!.size).toBe(text.length);
			expect(readSessionRecord(text, archive.sidOf(first / FILES_PER_SESSION))).not.toBeNull();
			expect(archive.read(mp4!.key)).toBe(MP4_BYTES);
			const { lastModified } = archive.objectAt(first + FILES_PER_SESSION - 1);
			expect(lastModified).toBeLessThan(NOW - 7_200_000);
		}
		expect(archive.read('recordings/nothing')).toBeNull();
	});
});
