import { createRequire } from 'node:module';
import type {
	ICredentialType,
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import prettier from 'prettier';
import { EXAMPLES, type Example } from './examples.ts';
import { CREDENTIALS, NODES, PAGE } from './paths.ts';

type Field = INodeProperties;
type Part = NonNullable<Field['options']>[number];

const TYPES: Partial<Record<Field['type'], string>> = {
	boolean: 'yes or no',
	collection: 'a set of options',
	color: 'color, `#RRGGBB`',
	dateTime: 'date and time, ISO 8601',
	fixedCollection: 'a list',
	json: 'JSON, as text or object',
	multiOptions: 'some of these',
	number: 'number',
	options: 'one of these',
	resourceLocator: 'resource locator',
	string: 'text',
};

/**
 * The reference of all functions and parameters, from the descriptions that n8n shows.
 *
 * @returns Markdown, formatted as the repository's lint wants it
 * @throws Error when an operation has no example, or an example no operation
 */
export async function referencePage(): Promise<string> {
	const load = createRequire(import.meta.url);
	const [agora, trigger] = NODES.map(
		({ file, name }) =>
			new (load(file) as Record<string, new () => INodeType>)[name]!().description,
	) as [INodeTypeDescription, INodeTypeDescription];
	const credentials = CREDENTIALS.map(
		({ file, name }) => new (load(file) as Record<string, new () => ICredentialType>)[name]!(),
	);
	const unused = new Set(Object.keys(EXAMPLES));
	const take = (operation: string): Example => {
		const example = EXAMPLES[operation];
		if (!example) throw new Error(`There is no example of ${operation}`);
		unused.delete(operation);
		return example;
	};
	const text = [
		'# Reference',
		'',
		'Written by `npx gulp reference` from what the nodes tell n8n: every operation with its parameters, an example and its result. Names in `code` are those in a workflow’s JSON and in the tools of AI agents. Results are shortened; what they are to have is tested.',
		'',
		...actionNode(agora, take),
		...triggerNode(trigger, take),
		...credentials.flatMap(credential),
	].join('\n');
	if (unused.size > 0) throw new Error(`Nothing is called ${[...unused].join(', ')}`);
	const options = await prettier.resolveConfig(PAGE);
	return await prettier.format(text, { ...options, parser: 'markdown' });
}

function actionNode(node: INodeTypeDescription, take: (name: string) => Example): string[] {
	const resources = choicesOf(node.properties.find(({ name }) => name === 'resource')!);
	return [
		`## ${node.displayName}`,
		'',
		`\`n8n-nodes-agora.${node.name}\`. ${node.description}.`,
		'',
		...resources.flatMap((resource) => operationsOf(node, resource, take)),
	];
}

function operationsOf(
	node: INodeTypeDescription,
	resource: INodePropertyOptions,
	take: (name: string) => Example,
): string[] {
	const isShown = (field: Field, operation?: string) => {
		const { show } = field.displayOptions ?? {};
		const resources = show?.resource ?? [];
		if (!resources.includes(resource.value as string)) return false;
		return operation === undefined || (show?.operation ?? []).includes(operation);
	};
	const selector = node.properties.find((field) => field.name === 'operation' && isShown(field))!;
	return choicesOf(selector).flatMap((operation) => {
		const fields = node.properties.filter((field) => isShown(field, operation.value as string));
		const names = { resource: resource.value, operation: operation.value };
		return [
			`### ${resource.name} · ${operation.name}`,
			'',
			`${operation.description}.`,
			'',
			...parameters(fields),
			...example(take(`${resource.value}.${operation.value}`), names),
		];
	});
}

function triggerNode(node: INodeTypeDescription, take: (name: string) => Example): string[] {
	return [
		`## ${node.displayName}`,
		'',
		`\`n8n-nodes-agora.${node.name}\`. ${node.description}.`,
		'',
		...parameters(node.properties),
		...example(take('trigger'), {}),
	];
}

function credential({ displayName, name, properties }: ICredentialType): string[] {
	return [`## Credential: ${displayName}`, '', `\`${name}\``, '', ...parameters(properties)];
}

function parameters(fields: Field[]): string[] {
	const notices = fields.filter(({ type }) => type === 'notice');
	const rows = fields
		.filter(({ type }) => type !== 'notice' && type !== 'hidden')
		.flatMap((field) => rowsOf(field, { top: fields, beside: fields, path: '' }));
	if (rows.length === 0 && notices.length === 0) return ['No parameters.', ''];
	return [
		'| Parameter | Name | Type | Default | What it does |',
		'| --- | --- | --- | --- | --- |',
		...rows.map((cells) => `| ${cells.map(cell).join(' | ')} |`),
		'',
		...notices.flatMap(({ displayName }) => [`> ${displayName}`, '']),
	];
}

interface Place {
	/** All fields of the operation. */
	top: Field[];
	/** Those in the same collection. */
	beside: Field[];
	/** Names of the collections it is in. */
	path: string;
}

/** A row for the field, and one for each field in it. */
function rowsOf(field: Field, place: Place): string[][] {
	const { top, path } = place;
	const title = `${path}${field.displayName}${field.required ? ' **(required)**' : ''}`;
	const row = [title, `\`${field.name}\``, typeOf(field), defaultOf(field), wordsOf(field, place)];
	const inside = fieldsIn(field);
	const within = { top, beside: inside, path: `${path}${field.displayName} → ` };
	return [row, ...inside.flatMap((each) => rowsOf(each, within))];
}

function fieldsIn({ type, options = [] }: Field): Field[] {
	if (type === 'collection') return options.filter(isField);
	if (type !== 'fixedCollection') return [];
	return (options as INodePropertyCollection[]).flatMap(({ values }) => values);
}

function isField(part: Part): part is Field {
	return 'type' in part;
}

function typeOf(field: Field): string {
	if (field.type === 'resourceLocator') {
		const modes = (field.modes ?? []).map(({ displayName, name }) => `${displayName} \`${name}\``);
		return `resource locator: ${modes.join(', ')}`;
	}
	return TYPES[field.type] ?? field.type;
}

function defaultOf(field: Field): string {
	const { type, default: value } = field;
	if (type === 'options') return choicesOf(field).find((each) => each.value === value)?.name ?? '';
	if (type === 'boolean') return value ? 'yes' : 'no';
	return typeof value === 'object' || value === '' ? '' : `\`${String(value)}\``;
}

function wordsOf(field: Field, place: Place): string {
	const sentences = [field.description, conditionOf(field, place)];
	if (field.type === 'options' || field.type === 'multiOptions') {
		const choices = choicesOf(field).map(({ name, value }) => `${name} \`${String(value)}\``);
		sentences.push(`Choices: ${choices.join(', ')}`);
	}
	if (field.placeholder?.startsWith('e.g.')) sentences.push(`Such as ${code(field.placeholder)}`);
	return sentences
		.filter((sentence) => sentence)
		.map((sentence) => sentence!.replace(/\.$/, ''))
		.join('. ');
}

function code(placeholder: string): string {
	return `\`${placeholder.replace(/^e\.g\.\s*/, '')}\``;
}

/** When n8n shows the field, in the words of the fields that decide it. */
function conditionOf({ displayOptions }: Field, { top, beside }: Place): string {
	const conditions = Object.entries(displayOptions?.show ?? {}).filter(
		([name]) => !['resource', 'operation'].includes(name),
	);
	const words = conditions.map(([name, values]) => {
		// n8n: a name that begins so is one of the whole node’s.
		const among = name.startsWith('/') ? top : beside;
		const decides = among.find((each) => each.name === name.replace(/^\//, ''));
		const named = (values ?? []).map((value) => {
			const choice = decides && choicesOf(decides).find((each) => each.value === value);
			return choice?.name ?? String(value === true ? 'on' : value === false ? 'off' : value);
		});
		return `${decides?.displayName ?? name} is ${named.join(' or ')}`;
	});
	return words.length === 0 ? '' : `Only where ${words.join(' and ')}`;
}

function choicesOf({ type, options = [] }: Field): INodePropertyOptions[] {
	return type === 'options' || type === 'multiOptions' ? (options as INodePropertyOptions[]) : [];
}

function example({ parameters, result }: Example, names: object): string[] {
	return ['Example:', '', ...json({ ...names, ...parameters }), 'Result:', '', ...json(result)];
}

function json(value: unknown): string[] {
	return ['```json', JSON.stringify(value, null, '\t'), '```', ''];
}

/** In a table’s cell a line cannot break, and a bar ends it. */
function cell(text: string): string {
	return text.replace(/\|/g, '\\|').replace(/\s+/g, ' ');
}
