import jestConfig from './jest.config.js';

const unit = jestConfig.projects.find(({ displayName }) => displayName === 'unit');

/**
 * Mutation testing: Stryker changes the source, one expression at a time, and a change that no unit test notices
 * is a claim nobody checks. It covers the folders that decide what is lost or delivered twice.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
	mutate: [
		'nodes/Agora/{recordings,storage,trigger}/**/*.ts',
		'nodes/Agora/resources/recording/start/**/*.ts',
		// Tables: a mutant changes one row, and a test could only repeat it.
		'!nodes/Agora/storage/vendors.ts',
		'!nodes/Agora/trigger/fields.ts',
		'!nodes/Agora/resources/recording/start/settings.ts',
	],
	plugins: [
		'@stryker-mutator/jest-runner',
		'./test/mutation/jestRunner.mjs',
		'./test/mutation/ignoreAdvice.mjs',
	],
	ignorers: ['advice'],
	testRunner: 'jest by file',
	jest: {
		config: {
			...unit,
			projects: [],
			// The tests of a file are found through its importers, which Jest sees below its roots only.
			roots: [...unit.roots, '<rootDir>/nodes'],
			moduleNameMapper: { '^n8n-workflow$': '<rootDir>/test/mutation/n8nWorkflow.cjs' },
			watchman: false,
		},
	},
	// Endless loops are counted; this is for a slow machine only.
	timeoutMS: 60_000,
	coverageAnalysis: 'perTest',
	concurrency: 2,
	incremental: true,
	incrementalFile: '.mutation/incremental.json',
	tempDirName: '.mutation/sandbox',
	ignorePatterns: ['dist', 'docs', 'sandbox/media', '.demo', '.screenshots', 'test/compat/.n8n'],
	reporters: ['clear-text', 'json', 'html', 'progress-append-only'],
	clearTextReporter: { logTests: false, reportTests: false },
	jsonReporter: { fileName: '.mutation/report.json' },
	htmlReporter: { fileName: '.mutation/report.html' },
	thresholds: { high: 95, low: 90, break: 90 },
};
