import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import esX from 'eslint-plugin-es-x';
import n from 'eslint-plugin-n';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import tseslint from 'typescript-eslint';

const shipped = ['package.json', '{nodes,credentials}/**/*.{ts,json}'];
const onlyShipped = (config) => ({ ...config, files: shipped });

/**
 * The published code also runs on Node 20, which n8n 1.x and 2.0 allow: ES2023, and no newer Node API.
 * tsconfig.json covers what needs types, such as methods of a value.
 */
const node20 = {
	files: ['{nodes,credentials}/**/*.ts'],
	extends: [
		esX.configs['flat/restrict-to-es2023'],
		esX.configs['flat/restrict-to-es2023-intl-api'],
		esX.configs['flat/no-new-in-esnext'],
		esX.configs['flat/no-new-in-esnext-intl-api'],
	],
	plugins: { n },
	languageOptions: {
		globals: {
			...n.configs['flat/recommended-script'].languageOptions.globals,
			// The rule checks declared globals only, and this one is not among those above.
			EventSource: 'readonly',
		},
	},
	rules: {
		// Of Node 20.3 is the newest API in use, AbortSignal.any.
		'n/no-unsupported-features/node-builtins': ['error', { version: '>=20.3.0' }],
		// Only the last releases of Node 20 have it, and with them their types.
		'no-restricted-properties': [
			'error',
			{ object: 'URL', property: 'parse', message: 'Not in every Node 20. Use URL.canParse.' },
		],
	},
};

const json = { files: ['**/*.json'], languageOptions: { parser: tseslint.parser } };

/** The same rules as n8n's package scan (see test/scan.mjs) for what ships, TypeScript's own for all. */
export default tseslint.config(
	{
		ignores: [
			'dist/',
			'coverage/',
			'.demo/',
			'.mutation/',
			'test/compat/.n8n/',
			'**/node_modules/',
			'**/package-lock.json',
		],
	},
	{ linterOptions: { reportUnusedDisableDirectives: 'error' } },
	...tseslint.configs.recommended.map((config) => ({ ...config, files: ['**/*.ts'] })),
	onlyShipped(n8nCommunityNodesPlugin.configs.recommended),
	{ plugins: { 'n8n-nodes-base': n8nNodesBase } },
	node20,
	{ files: ['package.json'], rules: n8nNodesBase.configs.community.rules },
	{
		files: ['credentials/**/*.ts'],
		rules: {
			...n8nNodesBase.configs.credentials.rules,
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
			'n8n-nodes-base/cred-class-field-type-options-password-missing': 'off',
		},
	},
	{
		files: ['nodes/**/*.ts'],
		rules: {
			...n8nNodesBase.configs.nodes.rules,
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
			'n8n-nodes-base/node-param-type-options-max-value-present': 'off',
			'no-console': 'error',
		},
	},
	json,
);
