import { Readable } from 'node:stream';
import { openStream, type Service } from '../../../nodes/Agora/http/request';
import { readStream } from '../../../nodes/Agora/http/stream';
import { faultOf } from './fakeContext';

/** A service that gives these answers, one after the other. */
function serviceOf(answers: Array<{ statusCode: number; body: Readable }>) {
	const asked: object[] = [];
	const service: Service = {
		name: 'The storage',
		advice: 'Check Endpoint',
		async request(options) {
			asked.push(options);
			return { headers: { 'Content-Length': '5' }, ...answers[asked.length - 1]! };
		},
	};
	return { service, asked };
}

const open = async (service: Service) => await openStream(service, '/key');

describe('openStream', () => {
	it('leaves the body of a 200 unread, and requests it without compression', async () => {
		const body = Readable.from([Buffer.from('bytes')]);
		const { service, asked } = serviceOf([{ statusCode: 200, body }]);
		const answer = await open(service);
		expect(answer).toEqual({
			status: 200,
			headers: { 'content-length': '5' },
			body: '',
			stream: body,
		});
		expect(body.readableDidRead).toBe(false);
		expect(asked).toEqual([
			expect.objectContaining({
				encoding: 'stream',
				disableFollowRedirect: true,
				headers: { 'Accept-Encoding': 'identity' },
			}),
		]);
	});

	it('reads the text of an error, but not an endless one', async () => {
		let sent = 0;
		const endless = Readable.from(
			(function* () {
				for (;;) yield Buffer.alloc(1024, String(sent++ % 10));
			})(),
		);
		const { service } = serviceOf([{ statusCode: 404, body: endless }]);
		const answer = await open(service);
		expect([answer.status, answer.stream]).toEqual([404, null]);
		expect(answer.body.length).toBeLessThan(70_000);
		expect(endless.destroyed).toBe(true);
	});

	it('survives a body that fails before it is read', async () => {
		const body = Readable.from([Buffer.from('bytes')]);
		const { service } = serviceOf([{ statusCode: 200, body }]);
		const { stream } = await open(service);
		body.destroy(new Error('reset'));
		await new Promise((resolve) => body.once('close', resolve));
		await expect(readStream(stream!).next()).rejects.toThrow('reset');
	});

	it('repeats a request that failed before its answer', async () => {
		jest.useFakeTimers();
		const { service, asked } = serviceOf([
			{ statusCode: 503, body: Readable.from([]) },
			{ statusCode: 200, body: Readable.from([Buffer.from('bytes')]) },
		]);
		const opening = open(service);
		await jest.advanceTimersByTimeAsync(1000);
		expect((await opening).status).toBe(200);
		expect(asked).toHaveLength(2);
		jest.useRealTimers();
	});

	it('reports why the credential cannot sign', async () => {
		const { service } = serviceOf([]);
		service.request = async () => {
			throw new Error('The Bucket field is empty');
		};
		const fault = await faultOf(open(service));
		expect(fault.message).toBe('The Bucket field is empty');
	});
});
