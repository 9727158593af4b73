import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { IBinaryData, IDataObject } from 'n8n-workflow';
import type { Engine, RunResult } from '../../integration/engine.ts';
import type { Trial } from '../part.ts';
import { problemWithName } from './diskName.ts';
import { startLooseBucket, type LooseBucket, type Spelling } from './looseBucket.ts';

/** What to put into a key: into its name, or, ending with a slash, into the folders around it. */
const PARTS: Array<[what: string, part: string]> = [
	['plain text', 'a'],
	['two dots as a folder', '../'],
	['one dot as a folder', './'],
	['dots as a folder', '.../'],
	['no name of a folder', '/'],
	['two dots in the name', '..'],
	['two dots, encoded, as a folder', '%2e%2e/'],
	['a slash, encoded', '..%2f..%2fx'],
	['a code that is none', '%zz%'],
	['NUL', 'a\0b'],
	['NUL in a folder', 'a\0b/'],
	['a line break', 'a\nb'],
	['a line break in a folder', 'a\nb/'],
	['a header of its own', 'a\r\nX-Injected: yes\r\n\r\n'],
	['a header of its own, in a folder', 'a\r\nX-Injected: yes\r\n\r\n/'],
	['a line separator', 'a\u2028b'],
	['a tab', 'a\tb'],
	['ESC', 'a\u001Bb'],
	['backslashes', '..\\..\\x'],
	['a drive as a folder', 'C:\\x/'],
	['quotes', `"'\``],
	['markup', '<b>&amp;'],
	['right to left', 'x\u202E4pm'],
	['Hebrew with a mark', '\u200Fשלום'],
	['an emoji', '😀'],
	['é in one', 'é'.normalize('NFC')],
	['é in two', 'é'.normalize('NFD')],
	['half an emoji', '\uD83D'],
	['what half an emoji becomes', '\uFFFD'],
	['a query and a fragment', 'a?x=y#z'],
	['plus and space', 'a+b c'],
	['a device of Windows', 'CON'],
	['$ { } and the like', '${x}{{y}}'],
	['__proto__', '__proto__'],
	['1,024 bytes', ''],
];
const MOST_BYTES = 1024;

/** What playlists may not name. */
const FOREIGN_SLICES: Array<[what: string, uri: (sid: string) => string]> = [
	['a folder above', (sid) => `../${sid}_a_0.ts`],
	['a folder above, encoded', (sid) => `..%2f${sid}_a_0.ts`],
	['a folder above, all encoded', (sid) => `%2e%2e%2f${sid}_a_0.ts`],
	['a folder above, by a backslash', (sid) => `..\\${sid}_a_0.ts`],
	['a folder above, by an encoded backslash', (sid) => `..%5C${sid}_a_0.ts`],
	['an absolute path', (sid) => `/class/${sid}_a_0.ts`],
	['a folder below', (sid) => `x/${sid}_a_0.ts`],
	['another host', (sid) => `https://evil.example/${sid}_a_0.ts`],
	['another host, without a scheme', (sid) => `//evil.example/${sid}_a_0.ts`],
	['a file', (sid) => `file:///etc/${sid}_a_0.ts`],
	['data', () => 'data:video/mp2t;base64,AAAA'],
	['a script', () => 'javascript:alert(1)'],
	['another recording', () => `${sidOf(1)}_a_0.ts`],
	['a query', (sid) => `${sid}_a_0.ts?versionId=x`],
	['a query, encoded', (sid) => `${sid}_a_0.ts%3Facl`],
	['an end of line, encoded', (sid) => `${sid}_a%0D%0AX-Injected: yes_0.ts`],
	['half of a code', (sid) => `../%zz${sid}_a_0.ts`],
];

const PREFIX = 'class/';
const SECRET = 'this-secret-signs-for-nobody';

const sidOf = (n: number) => `c0ffee${n.toString(16).padStart(26, '0')}`;

function keyOf(what: string, part: string, n: number): string {
	const sid = sidOf(n + 1);
	if (what === '1,024 bytes') {
		const rest = `_0.mp4`;
		const room = MOST_BYTES - Buffer.byteLength(`${PREFIX}${sid}_${rest}`);
		return `${PREFIX}${sid}_${'é'.repeat(Math.floor(room / 2))}${'a'.repeat(room % 2)}${rest}`;
	}
	if (part.endsWith('/')) return `${PREFIX}${part}${sid}_a_0.mp4`;
	return `${PREFIX}${sid}_${part}_0.mp4`;
}

/** What came of each, for the page. */
export interface KeyTrial {
	rows: Array<{ what: string; key: string; came: string }>;
	requests: number;
	broken: string[];
}

const HEADERS = [
	'accept',
	'accept-encoding',
	'authorization',
	'connection',
	'host',
	'user-agent',
	'x-amz-content-sha256',
	'x-amz-date',
];
/** Of those who follow a link. */
const READER_HEADERS = ['accept-language', 'sec-fetch-mode'];

/** Lets the nodes list, get, link and download objects with such keys, in n8n's engine. */
export async function tryKeys(
	engine: Engine,
	credentials: Record<string, IDataObject>,
	trial: Trial,
	spelling: Spelling,
): Promise<KeyTrial> {
	const bucket = await startLooseBucket(spelling, Date.now() - 3_600_000);
	trial.witness.guard({ 'secret key of the loose bucket': SECRET });
	credentials[spelling] = {
		vendor: 's3Compatible',
		endpoint: bucket.origin,
		addressing: 'pathStyle',
		bucket: bucket.name,
		accessKey: 'LOOSE',
		secretKey: SECRET,
		fileNamePrefix: 'class',
	};
	const broken: string[] = [];
	const rows: KeyTrial['rows'] = [];
	const run = Object.assign(
		async (parameters: IDataObject) => {
			const result = await engine.run(
				{ resource: 'recording', ...parameters },
				{ credentials: { agoraStorageApi: spelling } },
			);
			trial.witness.see('execution', result.stored);
			return result;
		},
		{ open: async (file: IBinaryData) => await engine.openFile(file) },
	);
	try {
		const keys = PARTS.map(([what, part], n) => ({ what, key: keyOf(what, part, n), n }));
		for (const { key } of keys) bucket.put(key, contentOf(key));
		const list = await run({ operation: 'getAll', returnAll: true });
		if (list.error !== undefined) broken.push(`Get Many failed: ${list.error.message}`);
		for (const { what, key, n } of keys) {
			const came = await tryKey(run, list, key, sidOf(n + 1));
			if (came.broken !== null) broken.push(`${what} (${spelling}): ${came.broken}`);
			rows.push({ what, key, came: came.broken ?? came.words });
		}
		for (const [i, [what, uri]] of FOREIGN_SLICES.entries()) {
			const sid = sidOf(1000 + i);
			const came = await tryPlaylist(run, bucket, sid, uri(sid));
			if (came.broken !== null) broken.push(`a playlist that names ${what}: ${came.broken}`);
			rows.push({
				what: `a playlist that names ${what}`,
				key: uri(sid),
				came: came.broken ?? came.words,
			});
		}
		const listed = list.json.flatMap(({ file_list }) => file_list as IDataObject[]);
		const known = [...keys, ...listed].map(({ key }) => String(key));
		broken.push(...strayRequests(bucket, known));
		return { rows, requests: bucket.asked.length, broken };
	} finally {
		await bucket.close();
	}
}

type Run = ((parameters: IDataObject) => Promise<RunResult>) & {
	/** The bytes of a file that came of it. */
	open(file: IBinaryData): Promise<Readable>;
};

interface Came {
	words: string;
	broken: string | null;
}

/** Every object says which one it is. */
const contentOf = (key: string) => `the object ${Buffer.from(key, 'utf16le').toString('hex')}`;

async function tryKey(run: Run, list: RunResult, key: string, sid: string): Promise<Came> {
	const listed = filesOf(list, sid).find((file) => file.key === key);
	const byName = {
		operation: 'download',
		recordingId: { __rl: true, mode: 'id', value: sid },
		scope: 'file',
		file: 'name',
		fileName: key,
	};
	const got = await run({ operation: 'get', recordingId: byName.recordingId });
	const loaded = await run(byName);
	const [binary] = loaded.items
		.map((item) => item.binary?.data)
		.filter((file) => file !== undefined);
	if (listed === undefined) {
		const [other] = [...filesOf(list, sid), ...filesOf(got, sid)];
		if (other !== undefined) return await tryOther(other);
		if (binary !== undefined) return broke('it is downloaded, although it is not listed');
		return words(`foreign: ${loaded.error?.message ?? 'nothing came'}`);
	}
	const link = String(listed.download_url);
	const through = await fetch(link).then(async (answer) => await answer.text());
	if (through !== contentOf(key)) return broke(`its link leads to ${through.slice(0, 100)}`);
	if (got.error !== undefined) return broke(`Get fails: ${got.error.message}`);
	if (binary === undefined) return broke(`Download fails: ${loaded.error?.message}`);
	const bytes = await buffer(await run.open(binary));
	if (bytes.toString() !== contentOf(key)) return broke('Download gives another object');
	const problem = problemWithName(binary.fileName ?? '');
	if (problem !== null) return broke(`its file name ${problem}: ${binary.fileName}`);
	return words(`listed, linked and downloaded as ${shown(binary.fileName ?? '')}`);
}

/** Half a character is no text, so the storage itself cannot name it right. */
async function tryOther({ key, download_url }: IDataObject): Promise<Came> {
	const { status } = await fetch(String(download_url));
	const name = `named ${shown(String(key))} by the storage`;
	return status === 404 ? words(`${name}, which leads nowhere`) : broke(`${name}, which is there`);
}

function filesOf({ json }: RunResult, sid: string): IDataObject[] {
	return json
		.filter((recording) => recording.sid === sid)
		.flatMap(({ file_list }) => (file_list ?? []) as IDataObject[]);
}

async function tryPlaylist(run: Run, bucket: LooseBucket, sid: string, uri: string): Promise<Came> {
	bucket.put(`${PREFIX}${sid}_a.m3u8`, `#EXTM3U\n#EXTINF:15,\n${uri}\n#EXT-X-ENDLIST\n`);
	const before = bucket.asked.length;
	const { error, items } = await run({
		operation: 'download',
		recordingId: { __rl: true, mode: 'id', value: sid },
		scope: 'whole',
	});
	if (error === undefined) return broke(`${items.length} files came of it`);
	const own = [`${PREFIX}${sid}_a.m3u8`, `${PREFIX}_sessions/by-sid/${sid}.json`, ''];
	const other = bucket.asked.slice(before).find(({ key }) => !own.includes(key ?? '?'));
	if (other !== undefined) return broke(`it asks for ${other.path}`);
	const refused = error.message.includes('names a file outside its recording');
	return refused
		? words(`refused: ${error.message}`)
		: broke(`it fails otherwise: ${error.message}`);
}

/** Whatever was asked for is there, or is where the nodes keep their own; and no header came from a key. */
function strayRequests(bucket: LooseBucket, keys: string[]): string[] {
	const broken: string[] = [];
	for (const { method, path, key, headers } of bucket.asked) {
		const own = key === '' || key?.startsWith(`${PREFIX}_sessions/`) === true;
		const playlist = /^class\/c0ffee[\da-f]{26}_a\.m3u8$/.test(key ?? '');
		if (!own && !playlist && !keys.includes(key ?? '?')) broken.push(`it asked for ${path}`);
		const strange = headers.filter((name) => ![...HEADERS, ...READER_HEADERS].includes(name));
		if (strange.length > 0) broken.push(`${method} ${path} had the headers ${strange.join(', ')}`);
	}
	return broken;
}

const words = (text: string): Came => ({ words: text, broken: null });
const broke = (text: string): Came => ({ words: '', broken: text });

/** As text that is seen. */
export function shown(text: string): string {
	const seen = text.replace(/[\p{C}\p{Z}]/gu, (letter) =>
		letter === ' ' ? ' ' : `\\u{${letter.codePointAt(0)!.toString(16)}}`,
	);
	return seen.length <= 80 ? seen : `${seen.slice(0, 60)}… (${Buffer.byteLength(text)} bytes)`;
}
