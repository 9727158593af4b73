import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

/** What n8n shows of an operation. Each operation's file exports it as `description`, next to `execute` and `example`. */
export interface OperationDescription {
	/** As the Operation field shows it, in title case. */
	name: string;
	/** In the JSON of workflows: never changes. */
	value: string;
	/** In n8n's list of actions: sentence case, no articles, names the resource. */
	action: string;
	/** Without a period at its end. */
	description: string;
	/**
	 * The operation's own fields, in the order in which a person decides. A function, so that bundles without the
	 * description can leave the fields out.
	 */
	fields(): INodeProperties[];
}

/** A resource and its operations, alphabetically. */
export interface ResourceDescription {
	name: string;
	/** In the JSON of workflows: never changes. */
	value: string;
	operations: OperationDescription[];
	/** What people search for in n8n's node panel in addition to the node's name. `npx gulp docs` writes them to the codex file. */
	aliases: string[];
	/** Value of the operation that a new node starts with. */
	defaultOperation: string;
}

/**
 * Runs an operation for one input item.
 *
 * @returns one or more objects, or n8n's items where they carry files
 * @throws Fault that says what happened and what to do
 */
export type Execute = (
	context: IExecuteFunctions,
	itemIndex: number,
) => Promise<IDataObject | IDataObject[] | INodeExecutionData[]>;

/** How an operation is used, for the reference and the tests. Bundles leave it out. */
export interface Example {
	/** What must exist before it runs: a recording of the channel `class-7b` that has ended, or one that is running. */
	needs?: 'endedRecording' | 'runningRecording';
	parameters: IDataObject;
	/** The first output item. Long strings are shortened. */
	result: IDataObject;
}

/**
 * @returns the Operation field of a resource, and the fields of its operations
 */
export function resourceFields({
	value: resource,
	operations,
	defaultOperation,
}: ResourceDescription): INodeProperties[] {
	return [
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			displayOptions: { show: { resource: [resource] } },
			options: operations.map(({ name, value, action, description }) => ({
				name,
				value,
				action,
				description,
			})),
			default: defaultOperation,
		},
		...operations.flatMap(({ value, fields }) =>
			fields().map((field) => showFor(resource, value, field)),
		),
	];
}

/** Like n8n's `updateDisplayOptions`, whose deep merge of all fields takes 3 to 4 ms of n8n's start. */
function showFor(resource: string, operation: string, field: INodeProperties): INodeProperties {
	const show = { ...field.displayOptions?.show, resource: [resource], operation: [operation] };
	return { ...field, displayOptions: { ...field.displayOptions, show } };
}
