import type { Editor } from './editor.ts';

/** An operation of the node, and what a person fills in to run it. */
export interface Operation {
	resource: string;
	name: string;
	fill?(editor: Editor): Promise<void>;
	/** Under which name docs/images shows it. */
	picture?: string;
}

const MADE = 'Evening classes';
/** The channel of a call that goes on. */
export const RUNNING = 'consultation';

async function pickProject(editor: Editor, name: string): Promise<void> {
	await editor.openList('projectId');
	await editor.pick(name);
}

async function pickRecording(editor: Editor): Promise<void> {
	await editor.openList('recordingId', 'class-7b');
	await editor.pick('class-7b');
}

const byChannel = async (editor: Editor) => await editor.nameBy('recordingId', 'Channel', RUNNING);

/** All of them, in an order in which each has what it works on. */
export const OPERATIONS: Operation[] = [
	{ resource: 'Project', name: 'Get Many' },
	{
		resource: 'Project',
		name: 'Get',
		fill: async (editor) => await pickProject(editor, 'Live classes'),
	},
	{
		resource: 'Project',
		name: 'Create',
		fill: async (editor) => await editor.fill('name', MADE),
	},
	{
		resource: 'Project',
		name: 'Get Usage',
		async fill(editor) {
			await pickProject(editor, 'Live classes');
			await editor.fillDate('fromDate', '2026-11-01 00:00:00');
			await editor.fillDate('toDate', '2026-11-07 00:00:00');
		},
	},
	{
		resource: 'Project',
		name: 'Set App Certificate',
		fill: async (editor) => await pickProject(editor, MADE),
	},
	{
		resource: 'Project',
		name: 'Reset App Certificate',
		fill: async (editor) => await pickProject(editor, MADE),
	},
	{
		resource: 'Project',
		name: 'Update Status',
		fill: async (editor) => await pickProject(editor, MADE),
	},
	{
		resource: 'Token',
		name: 'Generate',
		fill: async (editor) => await editor.fill('cname', RUNNING),
	},
	{ resource: 'User', name: 'Get Current' },
	{
		resource: 'Recording',
		name: 'Start',
		picture: 'start',
		fill: async (editor) => await editor.fill('cname', RUNNING),
	},
	{ resource: 'Recording', name: 'Get Many' },
	{ resource: 'Recording', name: 'Get', fill: pickRecording },
	{
		resource: 'Recording',
		name: 'Update',
		async fill(editor) {
			await byChannel(editor);
			await editor.fill('subscribeAudioUids', '#allstream#');
		},
	},
	{ resource: 'Recording', name: 'Update Layout', fill: byChannel },
	{ resource: 'Recording', name: 'Stop', fill: byChannel },
	{ resource: 'Recording', name: 'Download', fill: pickRecording },
];
