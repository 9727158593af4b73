import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the storage writes names into listings. */
export type Spelling =
	/** As S3 does where it is asked for `encoding-type=url`. */
	| 'encoded'
	/** As XML alone has it: what it cannot hold as a reference to its number. */
	| 'as XML';

/** A request that came: what it asks for as bytes say it. */
export interface Asked {
	method: string;
	/** Undecoded, with its query. */
	path: string;
	/** Its key, '' for the bucket itself; null where the path is no text. */
	key: string | null;
	/** Names of its headers, in small letters. */
	headers: string[];
}

/** An S3 server that takes every key, as S3 itself does; the sandbox's bucket keeps files, and cannot. */
export interface LooseBucket {
	origin: string;
	name: string;
	asked: Asked[];
	put(key: string, body: string): void;
	close(): Promise<void>;
}

const NAME = 'loose';

/** Starts it, on a free port of this machine. */
export async function startLooseBucket(spelling: Spelling, changed: number): Promise<LooseBucket> {
	const objects = new Map<string, string>();
	const asked: Asked[] = [];
	const server = createServer((request, response) => {
		const entry = read(request);
		asked.push(entry);
		request.resume();
		if (entry.key === null) return answer(response, 400, '<Error><Code>InvalidURI</Code></Error>');
		if (entry.key === '' && entry.path.includes('?')) {
			const query = new URLSearchParams(entry.path.slice(entry.path.indexOf('?')));
			return answer(response, 200, listing(objects, query, spelling, changed));
		}
		const body = objects.get(entry.key);
		if (body === undefined) return answer(response, 404, '<Error><Code>NoSuchKey</Code></Error>');
		answer(response, 200, body);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		name: NAME,
		asked,
		put: (key, body) => void objects.set(key, body),
		close: () =>
			new Promise((closed) => {
				server.close(() => closed());
				server.closeAllConnections();
			}),
	};
}

function read({ method = '', url = '', rawHeaders }: IncomingMessage): Asked {
	const headers = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
	const path = url.split('?')[0]!;
	const inBucket = path === `/${NAME}` || path.startsWith(`/${NAME}/`);
	return {
		method,
		path: url,
		key: inBucket ? decoded(path.slice(NAME.length + 2)) : null,
		headers,
	};
}

function decoded(path: string): string | null {
	try {
		return decodeURIComponent(path);
	} catch {
		return null;
	}
}

function answer(response: ServerResponse, status: number, body: string): void {
	response.writeHead(status, { 'content-length': Buffer.byteLength(body) });
	response.end(body);
}

/** One page is enough: there are fewer than a thousand objects. */
function listing(
	objects: Map<string, string>,
	query: URLSearchParams,
	spelling: Spelling,
	changed: number,
): string {
	const name = spelling === 'encoded' ? formEncoded : asXml;
	const prefix = query.get('prefix') ?? '';
	const delimiter = query.get('delimiter') ?? '';
	const after = query.get('start-after') ?? '';
	const folded = new Set<string>();
	const entries: string[] = [];
	const keys = [...objects.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
	for (const key of keys) {
		if (!key.startsWith(prefix) || (after !== '' && key <= after)) continue;
		const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
		if (end >= 0) folded.add(key.slice(0, end + delimiter.length));
		else {
			const size = Buffer.byteLength(objects.get(key)!);
			entries.push(
				`<Contents><Key>${name(key)}</Key><LastModified>${new Date(changed).toISOString()}</LastModified><Size>${size}</Size></Contents>`,
			);
		}
	}
	return [
		'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>',
		spelling === 'encoded' ? '<EncodingType>url</EncodingType>' : '',
		'<IsTruncated>false</IsTruncated>',
		...entries,
		...[...folded].map((each) => `<CommonPrefixes><Prefix>${name(each)}</Prefix></CommonPrefixes>`),
		'</ListBucketResult>',
	].join('');
}

const formEncoded = (text: string) =>
	encodeURIComponent(Buffer.from(text).toString()).replaceAll('%20', '+');

const asXml = (text: string) =>
	text.replace(/[&<>"'\p{Cc}\p{Cs}]/gu, (letter) => `&#${letter.codePointAt(0)!};`);
