/** `readListing`, and the reader that n8n's S3 node uses, on the same whole pages in one process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from '../../sandbox/n8n/paths.ts';
import { answerJob } from '../integration/childProcess.ts';
import { Archive, PREFIX } from './archive/archive.ts';
import { bucketName, shapeOf } from './archive/bucketName.ts';
import { listingXml } from './archive/listing.ts';
import { median, RUNS } from './measurement.ts';
import { peersFolder } from './peers.ts';

/** Objects a second. */
export interface ReaderSpeeds {
	ours: number;
	xml2js: number;
}

type Reader = (xml: string) => unknown[];

const BUCKET = bucketName('flat', 100);
const PAGE = 1000;
const ROUND_MS = 1500;

async function run(): Promise<ReaderSpeeds> {
	const archive = new Archive(shapeOf(BUCKET), Date.now());
	const pages = Array.from({ length: archive.size / PAGE }, (_, page) => {
		const last = page === 0 ? '' : archive.keyAt(page * PAGE - 1);
		const query = { 'list-type': '2', prefix: PREFIX, 'start-after': last };
		return [...listingXml(archive, BUCKET, query)].join('');
	});
	const readers = { ours: await ourReader(), xml2js: xml2jsReader() };
	const speeds = { ours: [] as number[], xml2js: [] as number[] };
	// The first round only warms up.
	for (let round = 0; round <= RUNS; round++) {
		for (const name of ['ours', 'xml2js'] as const) {
			const speed = speedOf(readers[name], pages);
			if (round > 0) speeds[name].push(speed);
		}
	}
	return { ours: median(speeds.ours), xml2js: median(speeds.xml2js) };
}

function speedOf(read: Reader, pages: string[]): number {
	let objects = 0;
	const started = performance.now();
	for (let n = 0; performance.now() - started < ROUND_MS; n++) {
		const found = read(pages[n % pages.length]!).length;
		if (found !== PAGE) throw new Error(`a reader found ${found} objects in a page of ${PAGE}`);
		objects += found;
	}
	return objects / ((performance.now() - started) / 1000);
}

/** Compiled as it is for the package, but by itself. */
async function ourReader(): Promise<Reader> {
	const load = createRequire(import.meta.url);
	const { compile } = load(join(repository, 'compile.js')) as {
		compile(files: string[], folder: string): Promise<void>;
	};
	const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-agora-bench-'));
	try {
		const source = 'nodes/Agora/storage/listing';
		await compile([`${source}.ts`], folder);
		const { readListing } = load(join(folder, `${source}.js`)) as {
			readListing: (xml: string) => { objects: unknown[] };
		};
		return (xml) => readListing(xml).objects;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** With the options of the S3 node (n8n-nodes-base: nodes/S3/GenericFunctions). */
function xml2jsReader(): Reader {
	const load = createRequire(join(peersFolder, 'node_modules/n8n-nodes-base/package.json'));
	const { parseString } = load('xml2js') as {
		parseString(
			xml: string,
			options: object,
			done: (error: Error | null, result: { ListBucketResult: { Contents: unknown[] } }) => void,
		): void;
	};
	const { sanitizeXmlName } = load('n8n-workflow') as { sanitizeXmlName: unknown };
	const options = {
		explicitArray: false,
		tagNameProcessors: [sanitizeXmlName],
		attrNameProcessors: [sanitizeXmlName],
	};
	return (xml) => {
		let objects: unknown[] = [];
		// It calls back before it returns.
		parseString(xml, options, (error, result) => {
			if (error) throw error;
			objects = result.ListBucketResult.Contents;
		});
		return objects;
	};
}

answerJob(import.meta.filename, run);
