import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { strykerPlugins as jestPlugins } from '@stryker-mutator/jest-runner';

/*
 * Stryker's Jest runner loads every test file that imports the mutated file, and skips single tests by name. Loading
 * takes ten times as long as testing, so this runner only loads files with a test that reaches the mutant, one after
 * another until one fails, and begins with the mutated file's own test. Tests of other folders do not count.
 */

const [jest] = jestPlugins;

/** In Stryker's copy of the project: what the first run, which runs every test once, has shown to all processes. */
const FIRST_RUN = 'firstRun.json';

/** How Stryker marks a mutant in the source. */
const MUTANT = /stryMutAct_\w+\("(\d+)"\)/g;

const FOLDER = /\/nodes\/Agora\/(resources\/recording\/start|[^/]+)\//;

/** @returns patterns of the tests for these source files: `test/unit` mirrors the source */
function testsBeside(files) {
	const folders = files.map((file) => FOLDER.exec(file.replaceAll('\\', '/'))[1]);
	return [...new Set(folders)].map((folder) => `<rootDir>/test/unit/${folder}/**/*.test.ts`);
}

function saveFirstRun({ tests, mutantCoverage }) {
	const filesOf = {};
	// Tests in two files may have the same name.
	for (const { id, fileName } of tests) (filesOf[id] ??= []).push(fileName);
	const mutantsOf = {};
	for (const [id, hits] of Object.entries(mutantCoverage.perTest))
		mutantsOf[id] = Object.keys(hits);
	writeFileSync(FIRST_RUN, JSON.stringify({ filesOf, mutantsOf }));
}

/**
 * @returns the test files with a test that reaches the mutant, the one named like the source first. Code that runs on
 *   import belongs to no test: for a mutant there, the files with a test that reaches any mutant of the same source, or
 *   all files if the run mutates nothing else in that source.
 */
function testFilesFor({ testFilter, sandboxFileName }) {
	const { filesOf, mutantsOf } = JSON.parse(readFileSync(FIRST_RUN, 'utf8'));
	const testsOfSource = () => {
		const source = readFileSync(sandboxFileName, 'utf8');
		const ids = new Set([...source.matchAll(MUTANT)].map(([, id]) => id));
		return Object.keys(mutantsOf).filter((test) => mutantsOf[test].some((id) => ids.has(id)));
	};
	const tests = testFilter ?? testsOfSource();
	const files = new Set(tests.flatMap((test) => filesOf[test] ?? []));
	if (testFilter === undefined && files.size === 0)
		for (const file of Object.values(filesOf).flat()) files.add(file);
	const own = `${basename(sandboxFileName, '.ts')}.test.ts`;
	return [...files].sort((a, b) => Number(basename(b) === own) - Number(basename(a) === own));
}

function createRunner(injector) {
	const runner = jest.factory(injector);
	const dryRun = runner.dryRun.bind(runner);
	const mutantRun = runner.mutantRun.bind(runner);
	const run = runner.run.bind(runner);
	let testFiles;
	runner.run = (settings) => run({ ...settings, testFiles });
	runner.dryRun = async (options) => {
		runner.jestConfig.testMatch = testsBeside(options.files);
		const result = await dryRun(options);
		if (result.status === 'complete') saveFirstRun(result);
		return result;
	};
	runner.mutantRun = async (options) => {
		let result = { status: 'survived', nrOfTests: 0 };
		for (const file of testFilesFor(options)) {
			testFiles = [file];
			result = await mutantRun(options);
			if (result.status !== 'survived') break;
		}
		return result;
	};
	return runner;
}
createRunner.inject = jest.factory.inject;

export const strykerPlugins = [{ ...jest, name: 'jest by file', factory: createRunner }];
