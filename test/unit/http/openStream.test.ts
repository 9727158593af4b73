import { Readable } from 'node:stream';
import { openStream, type Service } from '../../../nodes/Agora/http/request';
import { readStream } from '../../../nodes/Agora/http/stream';
import { faultOf } from './fakeContext';

/** A service that returns these responses in turn. */
function fakeService(responses: Array<{ statusCode: number; body: Readable }>) {
	const sent: object[] = [];
	const service: Service = {
		name: 'The storage',
		advice: 'Check Endpoint',
		async request(options) {
			sent.push(options);
			return { headers: { 'Content-Length': '5' }, ...responses[sent.length - 1]! };
		},
	};
	return { service, sent };
}

const open = async (service: Service) => await openStream(service, '/key');

describe('openStream', () => {
	it('leaves the body of a 200 unread, and requests it without compression', async () => {
		const body = Readable.from([Buffer.from('bytes')]);
		const { service, sent } = fakeService([{ statusCode: 200, body }]);
		const response = await open(service);
		expect(response).toEqual({
			status: 200,
			headers: { 'content-length': '5' },
			body: '',
			stream: body,
		});
		expect(body.readableDidRead).toBe(false);
		expect(sent).toEqual([
			expect.objectContaining({
				encoding: 'stream',
				disableFollowRedirect: true,
				headers: { 'Accept-Encoding': 'identity' },
			}),
		]);
	});

	it('reads the text of an error, up to a limit', async () => {
		let count = 0;
		const endless = Readable.from(
			(function* () {
				for (;;) yield Buffer.alloc(1024, String(count++ % 10));
			})(),
		);
		const { service } = fakeService([{ statusCode: 404, body: endless }]);
		const response = await open(service);
		expect([response.status, response.stream]).toEqual([404, null]);
		expect(response.body.length).toBeLessThan(70_000);
		expect(endless.destroyed).toBe(true);
	});

	it('survives a body that fails before it is read', async () => {
		const body = Readable.from([Buffer.from('bytes')]);
		const { service } = fakeService([{ statusCode: 200, body }]);
		const { stream } = await open(service);
		body.destroy(new Error('reset'));
		await new Promise((resolve) => body.once('close', resolve));
		await expect(readStream(stream!).next()).rejects.toThrow('reset');
	});

	it('retries a request that failed before its response', async () => {
		jest.useFakeTimers();
		const { service, sent } = fakeService([
			{ statusCode: 503, body: Readable.from([]) },
			{ statusCode: 200, body: Readable.from([Buffer.from('bytes')]) },
		]);
		const opening = open(service);
		await jest.advanceTimersByTimeAsync(1000);
		expect((await opening).status).toBe(200);
		expect(sent).toHaveLength(2);
		jest.useRealTimers();
	});

	it('throws the error of a credential that cannot sign', async () => {
		const { service } = fakeService([]);
		service.request = async () => {
			throw new Error('The Bucket field is empty');
		};
		const fault = await faultOf(open(service));
		expect(fault.message).toBe('The Bucket field is empty');
	});
});
