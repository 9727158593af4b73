import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS } from '../../../nodes/Agora/resources/recording/start/settings';

const DOCS = join(__dirname, '../../../docs');
const text = readFileSync(join(DOCS, 'coverage.md'), 'utf8');
const files = new Map(
	[...text.matchAll(/^\[(\w+)\]: (\S+)$/gm)].map(([, key, path]) => [key, join(DOCS, path!)]),
);
const rows = text
	.split('\n')
	.filter((line) => line.startsWith('|') && !/^\|[\s:|-]+\|$/.test(line))
	.map((line) =>
		line
			.slice(1, line.lastIndexOf('|'))
			.split('|')
			.map((cell) => cell.trim()),
	)
	.filter(([field]) => field !== 'Field');

it('has rows', () => {
	expect(rows.length).toBeGreaterThan(80);
	expect(files.size).toBeGreaterThan(5);
});

it.each(rows.map((cells) => [cells[0], cells]))('%s has no empty cell', (_, cells) => {
	expect(cells).toHaveLength(3);
	for (const cell of cells as string[]) expect(cell).not.toBe('');
});

it.each(rows.map(([field, , test]) => [field, test]))('%s names an existing test', (_, test) => {
	const [, key, name] = /^\[[^\]]+\]\[(\w+)\] · (.+)$/.exec(test!) ?? [];
	const file = files.get(key);
	expect(file).toBeDefined();
	expect(existsSync(file!)).toBe(true);
	const quoted = name!.includes("'") ? `"${name}"` : `'${name}'`;
	expect(readFileSync(file!, 'utf8')).toContain(quoted);
});

it.each(SETTINGS.map(({ agora, label, field }) => [agora, label, field !== undefined]))(
	'%s is in the table, with the name of its field',
	(path, label, hasField) => {
		const name = String(path).split('.').at(-1);
		const isField = (field: string) =>
			field.split(/[`.]/).some((part) => part.replace('[]', '') === name);
		const found = rows.filter(([field]) => isField(field!));
		expect(found).not.toEqual([]);
		if (hasField) expect(found.map(([, inTheNode]) => inTheNode).join()).toContain(label);
	},
);
