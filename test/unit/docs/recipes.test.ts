import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Node {
	name: string;
	type: string;
	parameters: object;
	credentials?: object;
}

const FOLDER = join(__dirname, '../../../docs/workflows');
/** The recipes of the README. */
const FLAGSHIPS = [
	'new-recording-archive-and-notify',
	'new-recording-drive-and-slack',
	'stop-when-the-call-ends',
];
/** `$json.a.b` or `$('A node').item.json.a.b` */
const FIELD = /^(?:\$json|\$\('[^']+'\)\.item\.json)(?:\.\w+)+$/;

const nodesOf = (recipe: string) =>
	(JSON.parse(readFileSync(join(FOLDER, `${recipe}.json`), 'utf8')) as { nodes: Node[] }).nodes;

function expressionsIn(value: unknown): string[] {
	if (typeof value === 'object' && value !== null)
		return Object.values(value).flatMap(expressionsIn);
	if (typeof value !== 'string' || !value.startsWith('=')) return [];
	return [...value.matchAll(/\{\{([^]*?)\}\}/g)].map(([, expression]) => expression!.trim());
}

describe('recipes', () => {
	it.each(FLAGSHIPS)('%s only uses the fields that an item has', (recipe) => {
		const expressions = nodesOf(recipe).flatMap(({ parameters }) => expressionsIn(parameters));
		expect(expressions.length).toBeGreaterThan(2);
		for (const expression of expressions) expect(expression).toMatch(FIELD);
	});

	it.each(readdirSync(FOLDER).map((file) => file.replace('.json', '')))(
		'%s needs no Code node, and has only the credentials that it uses',
		(recipe) => {
			for (const { name, type, parameters, credentials = {} } of nodesOf(recipe)) {
				expect([name, type]).not.toEqual([name, 'n8n-nodes-base.code']);
				if (!type.startsWith('n8n-nodes-agora.')) continue;
				const { operation = '' } = parameters as { operation?: string };
				const readsBucketOnly =
					type.endsWith('Trigger') || ['getAll', 'download'].includes(operation);
				expect([name, 'agoraApi' in credentials]).toEqual([name, !readsBucketOnly]);
			}
		},
	);
});
