import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Node {
	name: string;
	type: string;
	parameters: object;
	credentials?: Record<string, { id: string | null }>;
}

const DOCS = join(__dirname, '../../../docs');
const FOLDER = join(DOCS, 'workflows');
const ALL = readdirSync(FOLDER).map((file) => file.replace('.json', ''));
/** The recipes of the README. */
const FLAGSHIPS = [
	'new-recording-archive-and-notify',
	'new-recording-drive-and-slack',
	'stop-when-the-call-ends',
];
/** `$json.a.b` or `$('A node').item.json.a.b` */
const FIELD = /^(?:\$json|\$\('[^']+'\)\.item\.json)(?:\.\w+)+$/;

const workflowOf = (recipe: string) =>
	JSON.parse(readFileSync(join(FOLDER, `${recipe}.json`), 'utf8')) as {
		id: string;
		name: string;
		active: boolean;
		nodes: Node[];
	};
const nodesOf = (recipe: string) => workflowOf(recipe).nodes;

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

	it.each(ALL)('%s needs no Code node, and has only the credentials that it uses', (recipe) => {
		for (const { name, type, parameters, credentials = {} } of nodesOf(recipe)) {
			expect([name, type]).not.toEqual([name, 'n8n-nodes-base.code']);
			if (!type.startsWith('n8n-nodes-agora.')) continue;
			const { resource, operation = '' } = parameters as {
				resource?: string;
				operation?: string;
			};
			const readsBucketOnly =
				type.endsWith('Trigger') ||
				(resource === 'recording' && ['getAll', 'download'].includes(operation));
			expect([name, 'agoraApi' in credentials]).toEqual([name, !readsBucketOnly]);
		}
	});

	it.each(ALL)('%s is not active, and refers to no credential of another n8n', (recipe) => {
		const { active, nodes } = workflowOf(recipe);
		expect(active).toBe(false);
		for (const { credentials = {} } of nodes) {
			for (const { id } of Object.values(credentials)) expect(id).toBeNull();
		}
	});

	it.each(ALL)('%s has a section with its picture', (recipe) => {
		const { id, name } = workflowOf(recipe);
		const page = readFileSync(join(DOCS, 'recipes.md'), 'utf8');
		const section = page.split(/^## /m).find((each) => each.startsWith(`${name}\n`));
		expect(section).toContain(`(workflows/${recipe}.json)`);
		expect(section).toContain(`(images/${id.replace('agora-', 'workflow-')}.png)`);
	});
});
