import { FAULTS, SENSELESS, type FaultOf, type Senseless } from './catalogue.ts';
import type { Verdict } from './cell.ts';
import { COLUMNS, type Column } from './columns.ts';
import type { Service } from './kinds.ts';

const SYMBOLS: Record<Verdict['outcome'] | 'recovered', string> = {
	result: 'ok',
	recovered: '↻',
	error: '✗',
	warning: '!',
	note: 'note',
	'other result': '∘',
};

/** Columns whose cells are all the same. */
interface Group {
	title: string;
	columns: Column[];
	cells: string[];
}

/** The matrix as Markdown: a table for each service, a legend, and what people are told. */
export function matrixPage(verdicts: Verdict[], seconds: number): string[] {
	const requests = verdicts.reduce((sum, each) => sum + each.requests, 0);
	const cells = new Set(
		verdicts.map(({ cell }) => `${COLUMNS.indexOf(cell.column)} ${cell.fault.name}`),
	);
	return [
		`Each kind of request that each operation and the trigger’s poll makes (${COLUMNS.length}) meets each fault (${FAULTS.length}): ${cells.size} cells that make sense, ${verdicts.length} runs in n8n’s engine, ${requests} requests, ${Math.round(seconds)} seconds. Each run has relays of its own before one shared sandbox. Two items run, and the second one is hit, with and without Continue On Fail in turn; only faults of the connection, and of requests that one item sends several of and all items the same, are tried with one item. A host that is not known, or where nobody listens, is a made-up name in this process; TLS is real.`,
		'',
		'Each run is held against rules that do not come from the nodes (`test/reliability/faults/rules.ts`): the result, the number of attempts, the item, the cause that n8n’s scheduler is told, what the sandbox really did, and an error that a person can read and act on. A poll is made again after its fault, and gives out what is missing, once.',
		'',
		...legend(),
		...(['agora', 'bucket'] as const).flatMap((service) => table(verdicts, service)),
		'### What people are told',
		'',
		...messages(verdicts),
	];
}

function legend(): string[] {
	return [
		'- `ok`: the result is as without the fault, at the first attempt',
		'- `↻`: sent again, and the result is as without the fault',
		'- `✗`: one error; nothing was done that it does not tell',
		'- `!`: one error that says what was started or may have been done; sent once, unless it certainly had not arrived',
		'- `note`: the recording is given out, with a note that its session record could not be kept',
		'- `∘`: a result without what could not be read, or that says that there was nothing (more) to do',
		'- Two of them: it hits once / it hits every attempt',
		...Object.entries(SENSELESS).map(([letter, why]) => `- –${letter}: makes no sense: ${why}`),
	];
}

function table(verdicts: Verdict[], service: Service): string[] {
	const groups = groupsOf(verdicts, service);
	const rows = FAULTS.map((fault, i) => [
		fault.name,
		...groups.map(({ cells }) => cells[i]!),
	]).filter(([, ...cells]) => cells.some((cell) => !cell.startsWith('–')));
	return [
		'',
		service === 'agora' ? '### Requests to Agora' : '### Requests to the bucket',
		'',
		line(['Fault', ...groups.map(({ title }) => title)]),
		line(['---', ...groups.map(() => '---')]),
		...rows.map(line),
		'',
		...groups.map(({ title, columns }) => `- ${title}: ${columns.map(nameIn).join(', ')}`),
		'',
	];
}

const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
const nameIn = ({ operation, request }: Column) => `${operation} (${request})`;

function groupsOf(verdicts: Verdict[], service: Service): Group[] {
	const groups: Group[] = [];
	for (const column of COLUMNS.filter((each) => each.service === service)) {
		const cells = FAULTS.map((fault) => cellText(verdicts, column, fault));
		const same = groups.find(
			(group) => group.columns[0]!.kind === column.kind && group.cells.join() === cells.join(),
		);
		if (same !== undefined) same.columns.push(column);
		else groups.push({ title: column.kind, columns: [column], cells });
	}
	for (const group of groups) {
		const alike = groups.filter(({ columns }) => columns[0]!.kind === group.columns[0]!.kind);
		if (alike.length > 1) group.title += ` ${alike.indexOf(group) + 1}`;
	}
	return groups;
}

function cellText(verdicts: Verdict[], column: Column, fault: FaultOf): string {
	const { service, kind } = column;
	const how = fault.on({ service, kind, elsewhere: '', here: '' });
	if (typeof how === 'string') return `–${how satisfies Senseless}`;
	const own = verdicts
		.filter(({ cell }) => cell.column === column && cell.fault === fault)
		.sort((a, b) => Number(a.cell.always) - Number(b.cell.always));
	if (own.length === 0) return 'not tried';
	if (own.some(({ broken }) => broken.length > 0)) return '**BROKEN**';
	return [...new Set(own.map(symbol))].join(' ');
}

function symbol({ outcome, attempts, cell }: Verdict): string {
	const isRecovered = outcome === 'result' && attempts > cell.baseline.requests;
	return SYMBOLS[isRecovered ? 'recovered' : outcome];
}

/** What differs from run to run. */
const CHANGING: Array<[RegExp, string]> = [
	[/ ?Recordings started by other items keep running: [^.]*\./g, ''],
	[/resource ID [\w-]+/g, 'resource ID …'],
	[/[0-9a-f]{32}/g, '…'],
	[/\bcell\d+-\d\b/g, '…'],
	[/(project|UID) (?:[0-9a-f]{9}|\d+)\b/g, '$1 …'],
	[/“…_[^”]*”/g, '“…”'],
	[/(after|least|has) \d+( of \d+)? bytes/g, '$1 … bytes'],
	[/instead of \d+/g, 'instead of …'],
	[/\(could not [^)]*\)/g, ''],
	[/ Agora's reason: .*?(?=$| A recording | The (?:project|certificate) | It was)/g, ''],
	[/\|/g, '\\|'],
	[/\s+/g, ' '],
];

function messages(verdicts: Verdict[]): string[] {
	const runs = new Map<string, number>();
	for (const { error } of verdicts) {
		if (error === null) continue;
		const { message, description } = error;
		const row = line([plain(message), description === message ? '' : plain(description)]);
		runs.set(row, (runs.get(row) ?? 0) + 1);
	}
	const rows = [...runs].sort(([a], [b]) => a.localeCompare(b, 'en'));
	return [
		`${rows.length} different texts, without names, IDs, what could not be done (a note has no description), and Agora’s own reasons:`,
		'',
		'| Message | Description | Runs |',
		'| --- | --- | --- |',
		...rows.map(([row, count]) => `${row} ${count} |`),
	];
}

function plain(text: string): string {
	return CHANGING.reduce((short, [from, to]) => short.replace(from, to), text).trim();
}
