const swc = [
	'@swc/jest',
	{
		jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
		module: { type: 'commonjs' },
	},
];

/** Below mockttp; ES modules only, which Jest does not load as they are. */
const esModules = '/node_modules/(get-port|milliparsec)/';

const project = (displayName, testEnvironment = 'node') => ({
	displayName,
	testEnvironment,
	// n8n and what was built beside it are not searched.
	roots: [`<rootDir>/test/${displayName}`],
	testMatch: ['**/*.test.ts'],
	transform: { '\\.ts$': swc, [`${esModules}.*\\.js$`]: swc },
	transformIgnorePatterns: [`^(?!.*${esModules}).*/node_modules/`],
});

/**
 * unit:        one file of the source each, no network
 * integration: the built nodes in n8n's execution engine against the sandbox
 * storage:     the same on S3 servers that others wrote, and on stubs that misbehave as real ones do
 * e2e:         a real n8n, started as `npm start` starts it
 * ui:          the same, in a browser
 */
module.exports = {
	projects: [
		project('unit'),
		project('integration', './test/environment.ts'),
		project('e2e'),
		project('ui'),
		// A server that is not installed is skipped, which shows only when it is to start.
		project('storage', './test/storage/environment.ts'),
	],
	testTimeout: 30_000,
	// They wait more than they work; Jest would leave one core idle.
	maxWorkers: '100%',
};
