/**
 * The archives as an S3 server, in a process of its own so that its work is not counted. Nobody's signature
 * is checked. Which archive it is says the bucket's name, see `bucketName`. The arguments are the latency of
 * each request in milliseconds, and the time from which the archives' times are counted back.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Archive } from './archive.ts';
import { shapeOf } from './bucketName.ts';
import { listingXml, type ListQuery } from './listing.ts';

/** What was asked since the counters were set to nought. */
export interface Counts {
	lists: number;
	/** Those of `lists` that asked for a first page. */
	firstPages: number;
	gets: number;
	puts: number;
	/** Sent, headers not counted. */
	bytes: number;
}

const BLOCK = Buffer.alloc(1024 * 1024, 'film');
const [latencyMs, now] = process.argv.slice(2).map(Number) as [number, number];
const archives = new Map<string, Archive>();
const NOTHING: Counts = { lists: 0, firstPages: 0, gets: 0, puts: 0, bytes: 0 };
let counts = { ...NOTHING };

function archiveOf(bucket: string): Archive {
	let archive = archives.get(bucket);
	if (archive === undefined) archives.set(bucket, (archive = new Archive(shapeOf(bucket), now)));
	return archive;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
	const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
	if (pathname === '/-/counts') return sendText(response, 200, JSON.stringify(counts));
	if (pathname === '/-/reset') {
		counts = { ...NOTHING };
		return sendText(response, 200, '');
	}
	if (latencyMs > 0) await pause(latencyMs);
	const [, bucket = '', ...rest] = decodeURIComponent(pathname).split('/');
	const key = rest.join('/');
	if (request.method === 'PUT') {
		counts.puts++;
		await buffer(request);
		return sendText(response, 200, '');
	}
	if (key !== '') return await sendObject(response, archiveOf(bucket).read(key));
	if (searchParams.has('location')) {
		// Asked once by n8n's nodes for each listing; no request of the listing itself.
		return sendText(
			response,
			200,
			`${XML}<LocationConstraint xmlns="">us-east-1</LocationConstraint>`,
		);
	}
	counts.lists++;
	const query = Object.fromEntries(searchParams) as ListQuery;
	if (query['continuation-token'] === undefined && query.marker === undefined) counts.firstPages++;
	const page = takePrepared(bucket, query) ?? makePage(bucket, query);
	counts.bytes += page.length;
	response.once('close', () => spare.push(page.memory));
	response.writeHead(200, { 'content-type': 'application/xml', 'content-length': page.length });
	response.end(page.memory.subarray(0, page.length));
	prepareNext(bucket, query, page);
}

interface Page {
	memory: Buffer;
	length: number;
}

const PAGE_BYTES = 1024 * 1024;
/** New memory for each page would take longer to get than the page to make. */
const spare: Buffer[] = [];

function makePage(bucket: string, query: ListQuery): Page {
	const memory = spare.pop() ?? Buffer.allocUnsafe(PAGE_BYTES);
	let length = 0;
	for (const piece of listingXml(archiveOf(bucket), bucket, query)) {
		const written = memory.write(piece, length, 'latin1');
		if (written < piece.length) throw new Error('a page is larger than its memory');
		length += written;
	}
	return { memory, length };
}

/** The page that is probably asked for next, made while the asker works through the one before. */
let prepared: { question: string; page: Page } | null = null;

const questionOf = (bucket: string, query: ListQuery) =>
	JSON.stringify([bucket, Object.entries(query).sort()]);

function takePrepared(bucket: string, query: ListQuery): Page | undefined {
	if (prepared?.question !== questionOf(bucket, query)) return undefined;
	const { page } = prepared;
	prepared = null;
	return page;
}

function prepareNext(bucket: string, query: ListQuery, { memory }: Page): void {
	const token = /<NextContinuationToken>([^<]+)/.exec(memory.toString('latin1', 0, 2000))?.[1];
	if (token === undefined) return;
	const next = { ...query, 'continuation-token': token };
	setImmediate(() => {
		if (prepared !== null) spare.push(prepared.page.memory);
		prepared = { question: questionOf(bucket, next), page: makePage(bucket, next) };
	});
}

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n';

async function sendObject(response: ServerResponse, content: string | number | null) {
	counts.gets++;
	if (content === null)
		return sendText(response, 404, `${XML}<Error><Code>NoSuchKey</Code></Error>`);
	counts.bytes += typeof content === 'number' ? content : content.length;
	if (typeof content === 'string') return sendText(response, 200, content);
	response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': content });
	await pipeline(Readable.from(film(content)), response);
}

function* film(size: number): Generator<Buffer> {
	for (let at = 0; at < size; at += BLOCK.length) yield BLOCK.subarray(0, size - at);
}

function sendText(response: ServerResponse, status: number, text: string): void {
	response.writeHead(status, { 'content-type': 'application/xml', 'content-length': text.length });
	response.end(text, 'latin1');
}

const server = createServer((request, response) => {
	answer(request, response).catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => {
	process.send?.({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('disconnect', () => process.exit(0));
