import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { spellings } from '../integration/secrets.ts';

/**
 * Searches everything that n8n wrote for strings: its log, its files (including the `.metadata` of binary data), its
 * database row by row (in the file, SQLite may split a string across pages), and the session records in the bucket. The
 * credentials table is searched too, because its contents must be encrypted.
 *
 * @param folder n8n's N8N_USER_FOLDER, with the sandbox's bucket in it
 * @param texts the strings to search for, in each encoding, by names that contain no secret
 * @returns one line for each place: `<name> in <file or table>`
 */
export function findIn(folder: string, texts: Record<string, string>): string[] {
	const places = { ...filesOf(folder), ...tablesOf(join(folder, '.n8n', 'database.sqlite')) };
	const wanted = Object.entries(texts).map(([name, text]) => [name, spellings(text)] as const);
	return Object.entries(places).flatMap(([place, content]) =>
		wanted
			.filter(([, all]) => all.some((each) => content.includes(each)))
			.map(([name]) => `${name} in ${place}`),
	);
}

/**
 * Finds Agora's tokens (AccessToken2: `007` and zlib's output in Base64) in n8n's database, row by row.
 *
 * @param folder n8n's N8N_USER_FOLDER
 * @returns each one once
 */
export function tokensIn(folder: string): string[] {
	const tables = Object.values(tablesOf(join(folder, '.n8n', 'database.sqlite')));
	const found = tables.flatMap((rows) => rows.match(/007e[AFJN][\w+/]{50,}=*/g) ?? []);
	return [...new Set(found)];
}

/** As the sandbox's bucket keeps its objects. */
const SESSION_RECORDS = 'bucket/**/*.json._S3rver_object';

function filesOf(folder: string): Record<string, Buffer> {
	const files = globSync(['*', '.n8n/**', '.cache/**', SESSION_RECORDS], { cwd: folder }).filter(
		(file) =>
			statSync(join(folder, file)).isFile() &&
			// n8n's encryption key is only allowed here.
			file !== join('.n8n', 'config'),
	);
	return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file))]));
}

function tablesOf(file: string): Record<string, string> {
	if (!existsSync(file)) throw new Error(`there is no database at ${file}`);
	const database = new DatabaseSync(file, { readOnly: true });
	try {
		const tables = database.prepare("select name from sqlite_master where type = 'table'").all();
		return Object.fromEntries(
			tables.map(({ name }) => {
				const rows = database.prepare(`select * from "${name}"`).all();
				return [`table ${name}`, rows.map((row) => Object.values(row).join('\n')).join('\n')];
			}),
		);
	} finally {
		database.close();
	}
}
