import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { INodeProperties, INodePropertyCollection, INodeType } from 'n8n-workflow';
import { CREDENTIALS, NODES } from '../../../docs/generate/paths.ts';

/** The rules of n8n's UX guidelines that n8n's lint doesn't check; see docs/ux-checklist.md. */
interface Field extends INodeProperties {
	/** Its path, as labels in the editor. */
	path: string;
}

const load = createRequire(__filename);
const classes = [...NODES, ...CREDENTIALS].map(({ file, name }) => {
	const loaded = load(file) as Record<string, new () => unknown>;
	return new loaded[name]!() as INodeType & { displayName: string; properties: INodeProperties[] };
});
const fields = classes.flatMap((each) => {
	const { displayName, properties } = 'description' in each ? each.description : each;
	return properties.flatMap((field) => withInner(field, displayName));
});
const choices = fields
	.filter(({ type }) => type === 'options')
	.flatMap((field) =>
		(field.options as Array<{ name: string; action?: string; description?: string }>).map(
			(choice) => ({ ...choice, path: `${field.path} → ${choice.name}` }),
		),
	);

function withInner(field: INodeProperties, above: string): Field[] {
	const path = `${above} → ${field.displayName}`;
	const inner = (field.options ?? []).flatMap((option) => {
		if ('values' in option) return (option as INodePropertyCollection).values;
		return 'type' in option ? [option] : [];
	});
	return [{ ...field, path }, ...inner.flatMap((each) => withInner(each, path))];
}

const paths = (found: Array<{ path: string }>) => found.map(({ path }) => path);

it('reads all fields', () => {
	expect(fields.length).toBeGreaterThan(150);
	expect(choices.length).toBeGreaterThan(100);
});

it('an empty text field has a placeholder', () => {
	const bare = fields.filter(
		({ type, default: value, placeholder, typeOptions }) =>
			type === 'string' && value === '' && !placeholder && !typeOptions?.password,
	);
	expect(paths(bare)).toEqual([]);
});

it('placeholders are examples', () => {
	const odd = fields.filter(
		({ type, placeholder }) => type === 'string' && placeholder && !/^e\.g\. \S/.test(placeholder),
	);
	expect(paths(odd)).toEqual([]);
});

it('every optional field has a description', () => {
	const silent = fields.filter(
		({ type, required, description, name }) =>
			!required &&
			!description &&
			!['notice', 'hidden', 'collection'].includes(type) &&
			!['resource', 'operation', 'event'].includes(name),
	);
	expect(paths(silent)).toEqual([]);
});

it('names of fields and choices are not numbers, and none mentions binary properties', () => {
	const texts = [...fields.map(({ path }) => path), ...choices.map(({ path }) => path)];
	expect(texts.filter((text) => /→ \d+$|binary propert/i.test(text))).toEqual([]);
});

it('actions are sentences without articles that repeat the resource', () => {
	const actions = choices.flatMap(({ action }) => action ?? []);
	const resources = (fields.find(({ name }) => name === 'resource')!.options ?? []).map(
		({ name }) => name.toLowerCase(),
	);
	expect(actions.length).toBeGreaterThan(15);
	for (const action of actions) {
		expect(action).toMatch(/^[A-Z][a-z]+( [a-z]+| App Certificate| RTC)+$/);
		expect(action).not.toMatch(/\b(a|an|the)\b/i);
		expect(resources.some((resource) => action.toLowerCase().includes(resource))).toBe(true);
	}
});

it('descriptions of operations add to their names', () => {
	const operations = choices.filter(({ action }) => action);
	const silent = operations.filter(
		({ action, description = '' }) => description === '' || description === action,
	);
	expect(paths(silent)).toEqual([]);
});

it('resource locators start with a list, and no ID is a plain text field', () => {
	const locators = fields.filter(({ type }) => type === 'resourceLocator');
	expect(locators.length).toBeGreaterThan(9);
	for (const { modes, default: value } of locators) {
		expect(modes![0]).toMatchObject({ displayName: 'From List', type: 'list' });
		expect(value).toMatchObject({ mode: 'list' });
	}
	const ids = fields.filter(
		({ name, type }) => /^(ban|project|recording)Id$/.test(name) && type === 'string',
	);
	expect(paths(ids)).toEqual([]);
});

it('our messages do not mention errors, problems, failures or mistakes', () => {
	const messages = sourceFiles().flatMap((file) =>
		[...readFileSync(file, 'utf8').matchAll(/new Fault\(\s*(['`])((?:(?!\1).)+)\1/gs)].map(
			([, , message]) => message!,
		),
	);
	expect(messages.length).toBeGreaterThan(40);
	expect(messages.filter((text) => /\b(error|problem|failure|mistake)s?\b/i.test(text))).toEqual(
		[],
	);
});

function sourceFiles(): string[] {
	const folder = join(__dirname, '../../../nodes');
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts'))
		.map((name) => join(folder, name));
}
