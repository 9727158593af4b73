import type { IExecuteFunctions } from 'n8n-workflow';
import { Fault } from '../../nodes/Agora/http/errors';
import { router } from '../../nodes/Agora/router';

jest.mock('../../nodes/Agora/resources', () => ({
	operations: {
		recording: {
			start: async () => {
				throw new Fault('It did not start', { description: 'A recording may be running.' });
			},
		},
	},
}));

const contextOf = (type: string) =>
	({
		getNode: () => ({ id: '1', name: 'Agora', type, typeVersion: 1, position: [0, 0] }),
		getNodeParameter: (name: string) => (name === 'resource' ? 'recording' : 'start'),
		getInputData: () => [{ json: {} }],
		getExecutionCancelSignal: () => undefined,
		continueOnFail: () => false,
	}) as unknown as IExecuteFunctions;

it.each([
	['a tool, of which an agent gets the message only', 'agoraTool', ' A recording may be running.'],
	['any other node', 'agora', ''],
])('the message of an error: %s', async (_, name, more) => {
	const running = router(contextOf(`n8n-nodes-agora.${name}`));
	await expect(running).rejects.toMatchObject({
		message: more === '' ? 'It did not start' : `It did not start.${more}`,
		description: 'A recording may be running.',
	});
});
