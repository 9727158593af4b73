import type { HostTrial } from './hosts.ts';
import type { SpelledKeys } from './inEngine.ts';
import { shown } from './keys.ts';
import type { Reading } from './reader.ts';

/** Text that a table's cell shows as it is. */
const cell = (text: string) => text.replace(/[\\`*_{}<>|~[\]$&]/g, (sign) => `\\${sign}`);
const number = (n: number) => n.toLocaleString('en-US');

/** What came of the readers. */
export function readerPage(readings: Reading[], seed: number): string[] {
	return [
		`Whatever others wrote is read so that it is understood or refused in words. Each reader got texts as they should be, the same with up to three changes, and noise; nothing else than a Fault was thrown, no prototype changed, what was parsed has its documented types, and read the same after it was printed. Then each got texts on which a careless reader takes for ever, from a thousand to a million letters. Seed ${seed}.`,
		'',
		'| Reader | Cases | Parsed | Refused | Took | Longest case | Longest text | Slowest such text |',
		'| --- | --: | --: | --: | --: | --: | --: | --: |',
		...readings.map((reading) => {
			const { name, cases, parsed, refused, seconds, longest, longestLong, slowestLongMs } =
				reading;
			const counts = [cases, parsed, refused].map(number);
			const letters = [longest, longestLong].map((n) => `${number(n)} letters`);
			const took = `${seconds.toFixed(1)} s`;
			const slowest = `${Math.round(slowestLongMs)} ms`;
			return `| ${[name, ...counts, took, letters[0], letters[1], slowest].join(' | ')} |`;
		}),
		'',
	];
}

/** What came of hostile keys and playlists. */
export function keyPage(tried: SpelledKeys[]): string[] {
	const [encoded, asXml] = tried;
	const requests = tried.reduce((sum, each) => sum + each.requests, 0);
	return [
		`Keys and playlists in n8n’s engine, from a bucket that takes every key, through Get Many, Get, the link and Download: each came as itself or not at all. In all ${number(requests)} requests none asked for another key, and none had a header more. The bucket wrote its listings once encoded for URLs and once as XML alone.`,
		'',
		'| Key or playlist | | Came, listed encoded | Came, listed as XML |',
		'| --- | --- | --- | --- |',
		...(encoded?.rows ?? []).map(({ what, key, came }, i) => {
			const other = asXml?.rows[i]?.came ?? '';
			const texts = [what, shown(key), came, other === came ? 'the same' : other];
			return `| ${texts.map(cell).join(' | ')} |`;
		}),
		'',
	];
}

/** What came of hosts that send requests on. */
export function hostPage({ rows }: HostTrial): string[] {
	const groups = Map.groupBy(rows, ({ what }) =>
		what.replace(/, 30\d$/, '').replace(/, to http.*$/, ', to addresses outside its bucket'),
	);
	return [
		'Credentials go to their host only. A host on one port sent every request on to another port, with 301, 302, 303, 307 and 308; what arrived there was searched for keys, signatures and headers that prove who sends.',
		'',
		'| Asked | Times | Arrived at home | Arrived elsewhere | Secret of it | Came |',
		'| --- | --: | --: | --: | --: | --- |',
		...[...groups].map(([what, group]) => {
			const sum = (of: 'home' | 'elsewhere' | 'secret') =>
				group.reduce((all, row) => all + row[of], 0);
			const came = [...new Set(group.map((row) => row.came.replace(/\d{4,5}/g, '…')))].join('; ');
			return `| ${cell(what)} | ${group.length} | ${sum('home')} | ${sum('elsewhere')} | ${sum('secret')} | ${cell(came)} |`;
		}),
	];
}
