import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import ts from 'typescript';

/*
 * The published code also runs on Node 20, but the tests run on a newer Node and would not notice a newer API.
 * `npm run build` (types) and `npm run lint` refuse them. Here both check a file that uses some.
 */

const root = join(import.meta.dirname, '../..');
const file = join(root, 'nodes/Agora/onlyInThisTest.ts');

/** One statement each. */
const NEWER = [
	// JavaScript: functions and classes.
	'Map.groupBy([1], String);',
	'Object.groupBy([1], String);',
	'Array.fromAsync([1]);',
	'Promise.withResolvers();',
	'Promise.try(String);',
	'Iterator.from([1]);',
	"RegExp.escape('a');",
	"Uint8Array.fromBase64('');",
	'Math.sumPrecise([1]);',
	'Error.isError(text);',
	'new DisposableStack();',
	'new Intl.DurationFormat();',
	'new Float16Array(1);',
	// Methods of values.
	'set.union(set);',
	'set.isSubsetOf(set);',
	'map.keys().map(String);',
	'map.values().toArray();',
	'map.getOrInsert(1, 1);',
	'bytes.toBase64();',
	'bytes.buffer.transfer();',
	// Syntax.
	'/(?i:a)b/.test(text);',
	'/(?<year>a)|(?<year>b)/.test(text);',
	'using resource = disposable;',
	// Node.
	"fs.promises.glob('*');",
	"fs.globSync('*');",
	"crypto.hash('sha1', text);",
	"util.styleText('red', text);",
	"process.getBuiltinModule('fs');",
	'process.loadEnvFile();',
	'import.meta.dirname;',
	'URL.parse(text);',
	"import('node:sqlite');",
	// Globals.
	'navigator;',
	'localStorage;',
	'new WebSocket(text);',
	'new EventSource(text);',
	'new URLPattern(text);',
];

const IN_NODE_20 = [
	'[1].toSorted();',
	'[1].toSpliced(0, 1);',
	'[1].findLast(Boolean);',
	"Object.hasOwn({}, 'a');",
	'AbortSignal.any([]);',
	'structuredClone(1);',
	'performance.now();',
	"crypto.createHash('sha1');",
];

const HEAD = [
	"import * as crypto from 'crypto';",
	"import * as fs from 'fs';",
	"import * as util from 'util';",
	'declare const set: Set<number>, map: Map<number, number>, bytes: Uint8Array<ArrayBuffer>, text: string;',
	'declare const disposable: Disposable;',
	'export { crypto, fs, util, set, map, bytes, text, disposable };',
];

const statements = [...NEWER, ...IN_NODE_20];
const source = [...HEAD, ...statements, ''].join('\n');
/** @param line counted from 1 */
const statementAt = (line: number) => statements[line - 1 - HEAD.length];

/** Statements with a type error, as `npm run build` checks types. */
function refusedByTypes(): string[] {
	const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
	const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
	const host = ts.createCompilerHost(options);
	const { readFile, fileExists } = host;
	host.fileExists = (name) => name === file || fileExists(name);
	host.readFile = (name) => (name === file ? source : readFile(name));
	const program = ts.createProgram([file], options, host);
	const parsed = program.getSourceFile(file)!;
	return program
		.getSemanticDiagnostics(parsed)
		.map(({ start }) => statementAt(parsed.getLineAndCharacterOfPosition(start!).line + 1))
		.filter((statement) => statement !== undefined);
}

/** Statements that break a rule about versions, as `npm run lint` checks them. */
function refusedByLint(): string[] {
	const eslint = join(root, 'node_modules/eslint/bin/eslint.js');
	const args = [eslint, '--stdin', '--stdin-filename', file, '--format', 'json'];
	const { stdout } = spawnSync(process.execPath, args, {
		cwd: root,
		input: source,
		encoding: 'utf8',
	});
	const [{ messages }] = JSON.parse(stdout) as [
		{ messages: Array<{ ruleId: string | null; line: number }> },
	];
	return messages
		.filter(
			({ ruleId }) => ruleId === null || /^(es-x\/|n\/|no-restricted-properties$)/.test(ruleId),
		)
		.map(({ line }) => statementAt(line))
		.filter((statement) => statement !== undefined);
}

describe('what is published', () => {
	const byTypes = new Set(refusedByTypes());
	const byLint = new Set(refusedByLint());
	const refused = new Set([...byTypes, ...byLint]);

	it.each(NEWER)('may not use what Node 20 lacks: %s', (statement) => {
		expect(refused).toContain(statement);
	});

	it.each(IN_NODE_20)('may use what Node 20 has: %s', (statement) => {
		expect(refused).not.toContain(statement);
	});

	it('is checked by its types and by lint', () => {
		expect(byTypes).toContain('map.getOrInsert(1, 1);');
		expect(byLint).toContain('new WebSocket(text);');
	});
});
