const swc = [
	'@swc/jest',
	{
		jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
		module: { type: 'commonjs' },
	},
];

/** Below mockttp; ES modules only, which Jest does not load as they are. */
const esModules = '/node_modules/(get-port|milliparsec)/';

const project = (displayName) => ({
	displayName,
	testEnvironment: 'node',
	testMatch: [`<rootDir>/test/${displayName}/**/*.test.ts`],
	transform: { '\\.ts$': swc, [`${esModules}.*\\.js$`]: swc },
	transformIgnorePatterns: [`^(?!.*${esModules}).*/node_modules/`],
	modulePathIgnorePatterns: [
		'<rootDir>/dist/',
		'<rootDir>/sandbox/n8n/node_modules/',
		'<rootDir>/test/bench/peers/node_modules/',
		'<rootDir>/.demo/',
	],
});

/**
 * unit:        one file of the source each, no network
 * integration: the built nodes in n8n's execution engine against the sandbox
 * e2e:         a real n8n, started as `npm start` starts it
 */
module.exports = {
	projects: ['unit', 'integration', 'e2e'].map(project),
	testTimeout: 30_000,
};
