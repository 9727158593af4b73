const swc = [
	'@swc/jest',
	{
		jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
		module: { type: 'commonjs' },
	},
];

/** Dependencies of mockttp that are ES modules only, which Jest must transform. */
const esModules = '/node_modules/(get-port|milliparsec)/';

const project = (displayName, options) => ({
	displayName,
	// Leaves out n8n's own folders.
	roots: [`<rootDir>/test/${displayName}`],
	testMatch: ['**/*.test.ts'],
	transform: { '\\.ts$': swc, [`${esModules}.*\\.js$`]: swc },
	transformIgnorePatterns: [`^(?!.*${esModules}).*/node_modules/`],
	...options,
});

const globalSetup = './test/compilePackage.js';

/**
 * unit:        single source files, without a network
 * integration: the compiled nodes in n8n's execution engine, against the sandbox
 * storage:     the compiled nodes against S3 servers that others wrote, and stubs with the faults of real ones
 * e2e:         a real n8n, started as `npm start` starts it
 * ui:          the same, in a browser
 */
module.exports = {
	projects: [
		project('unit'),
		project('integration', { globalSetup, testEnvironment: './test/environment.ts' }),
		project('e2e'),
		project('ui'),
		// A server that is not installed is skipped, which shows only when it is started.
		project('storage', { globalSetup, testEnvironment: './test/storage/environment.ts' }),
	],
	testTimeout: 30_000,
	// Tests wait more than they compute; by default Jest would leave one core idle.
	maxWorkers: '100%',
};
