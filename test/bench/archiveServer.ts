/**
 * The archives as an S3 server, in a separate process so that its work is not measured. It ignores signatures.
 * `bucketName` names the archives. Arguments: the latency of each request in milliseconds, and the time from which
 * the archives' times are counted back.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { listenOnLoopback } from '../../sandbox/loopbackServer.ts';
import { pageOf, readListQuery } from '../storage/stubs/listing.ts';
import { pageXml } from '../storage/stubs/listingXml.ts';
import { archiveIn, type Archive } from './archive.ts';

/** Requests since the last reset. */
export interface RequestCounts {
	lists: number;
	/** Those of `lists` for a first page. */
	firstPages: number;
	gets: number;
}

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n';
const VIDEO_BLOCK = Buffer.alloc(1024 * 1024, 'video');
const [latencyMs, now] = process.argv.slice(2).map(Number) as [number, number];
const archives = new Map<string, Archive>();
const ZERO: RequestCounts = { lists: 0, firstPages: 0, gets: 0 };
let counts = { ...ZERO };

function archiveOf(bucket: string): Archive {
	let archive = archives.get(bucket);
	if (archive === undefined) archives.set(bucket, (archive = archiveIn(bucket, now)));
	return archive;
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
	const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
	if (pathname === '/-/counts') return send(response, 200, JSON.stringify(counts));
	if (pathname === '/-/reset') {
		counts = { ...ZERO };
		return send(response, 200, '');
	}
	if (latencyMs > 0) await wait(latencyMs);
	const [, bucket = '', ...rest] = decodeURIComponent(pathname).split('/');
	const key = rest.join('/');
	if (request.method === 'PUT') {
		await buffer(request);
		return send(response, 200, '');
	}
	if (key !== '') return await sendObject(response, archiveOf(bucket).read(key));
	if (searchParams.has('location')) {
		// n8n's nodes send this before each listing; it is not counted.
		const location = '<LocationConstraint xmlns="">us-east-1</LocationConstraint>';
		return send(response, 200, XML + location);
	}
	counts.lists++;
	const query = Object.fromEntries(searchParams);
	if (query['continuation-token'] === undefined && query.marker === undefined) counts.firstPages++;
	const page = takePrepared(bucket, query) ?? pageFor(bucket, query);
	send(response, 200, page.xml);
	prepareNext(bucket, query, page);
}

interface PreparedPage {
	xml: string;
	/** The token or marker of the next page, null for none. */
	next: string | null;
}

function pageFor(bucket: string, parameters: Record<string, string>): PreparedPage {
	const archive = archiveOf(bucket);
	const query = readListQuery(parameters);
	const page = pageOf(archive, query);
	const xml = pageXml(page, query, ({ index }) => archive.objectAt(index!), bucket);
	return { xml, next: page.next };
}

/** The page that is probably requested next, made while the client processes the one before. */
let prepared: { request: string; page: PreparedPage } | null = null;

const requestOf = (bucket: string, query: Record<string, string>) =>
	JSON.stringify([bucket, Object.entries(query).sort()]);

function takePrepared(bucket: string, query: Record<string, string>): PreparedPage | undefined {
	if (prepared?.request !== requestOf(bucket, query)) return undefined;
	const { page } = prepared;
	prepared = null;
	return page;
}

function prepareNext(bucket: string, query: Record<string, string>, { next }: PreparedPage): void {
	if (next === null || query['list-type'] !== '2') return;
	const nextQuery = { ...query, 'continuation-token': next };
	setImmediate(() => {
		prepared = { request: requestOf(bucket, nextQuery), page: pageFor(bucket, nextQuery) };
	});
}

async function sendObject(response: ServerResponse, content: string | number | null) {
	counts.gets++;
	if (content === null) return send(response, 404, `${XML}<Error><Code>NoSuchKey</Code></Error>`);
	if (typeof content === 'string') return send(response, 200, content);
	response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': content });
	await pipeline(Readable.from(video(content)), response);
}

function* video(size: number): Generator<Buffer> {
	for (let at = 0; at < size; at += VIDEO_BLOCK.length) yield VIDEO_BLOCK.subarray(0, size - at);
}

/** @param text ASCII only */
function send(response: ServerResponse, status: number, text: string): void {
	response.writeHead(status, { 'content-type': 'application/xml', 'content-length': text.length });
	response.end(text, 'latin1');
}

const { origin } = await listenOnLoopback(0, respond);
process.send?.({ origin });
process.on('disconnect', () => process.exit(0));
