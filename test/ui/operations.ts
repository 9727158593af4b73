import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../docs/generate/operations.ts';
import type { Editor } from './editor.ts';

/** The channel of a call that goes on. */
export const RUNNING = 'consultation';
/** The project that *Project: Create* creates, which the others may change. */
const CREATED = 'Evening classes';

/** Sorts operations so that each finds what it works on: what is created comes first, what is stopped last. */
export function inOrder(operations: Operation[]): Operation[] {
	const position = ({ value }: Operation) =>
		['create', 'start'].includes(value) ? 0 : ['stop', 'delete'].includes(value) ? 2 : 1;
	return operations.toSorted((a, b) => position(a) - position(b));
}

/** Fills in an operation's fields as its example does. Choices and collections keep their defaults. */
export async function fillIn(editor: Editor, { example, fields }: Operation): Promise<void> {
	const isAboutRunning = example.needs !== 'endedRecording';
	for (const { name, type, modes, default: byDefault } of fields()) {
		const value = example.parameters[name];
		if (value === undefined) continue;
		if (name === 'cname') await editor.fill(name, RUNNING);
		else if (type === 'string') await editor.fill(name, String(value));
		else if (type === 'dateTime' && byDefault === '')
			await editor.fillDate(name, `${String(value)} 00:00:00`);
		else if (type === 'resourceLocator') {
			if (name === 'projectId') await pick(editor, name, CREATED);
			else if (name === 'channel' || name === 'banId') await pick(editor, name, RUNNING);
			else if (isAboutRunning) await editor.nameBy(name, channelMode(modes), RUNNING);
			else await pick(editor, name, (value as { value: string }).value);
		}
	}
}

async function pick(editor: Editor, name: string, item: string): Promise<void> {
	await editor.openList(name, item);
	await editor.pick(item);
}

function channelMode(modes: INodeProperties['modes']): string {
	return modes!.find(({ name }) => name === 'channel')!.displayName;
}
