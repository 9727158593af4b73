import { Readable } from 'node:stream';
import { readStream } from '../../../nodes/Agora/http/byteStream';
import { openStream, readWhileComing } from '../../../nodes/Agora/http/openStream';
import { MAX_TEXT_BYTES, type Context } from '../../../nodes/Agora/http/send';
import { endless, faultOf } from './fakeContext';

/** n8n's HTTP helper with these answers, one after the other. */
function contextOf(answers: Array<{ statusCode: number; body: Readable }>) {
	const asked: object[] = [];
	const httpRequestWithAuthentication = async (_: string, options: object) => {
		asked.push(options);
		return { headers: { 'Content-Length': '5' }, ...answers[asked.length - 1]! };
	};
	return { context: { helpers: { httpRequestWithAuthentication } } as unknown as Context, asked };
}

const open = async (context: Context) => await openStream(context, 'agoraStorageApi', '/key');

describe('openStream', () => {
	it('leaves the body of a 200 unread, and asks for it as it is stored', async () => {
		const body = Readable.from([Buffer.from('bytes')]);
		const { context, asked } = contextOf([{ statusCode: 200, body }]);
		const answer = await open(context);
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

	it('reads what an error says, but not without end', async () => {
		let sent = 0;
		const endless = Readable.from(
			(function* () {
				for (;;) yield Buffer.alloc(1024, String(sent++ % 10));
			})(),
		);
		const { context } = contextOf([{ statusCode: 404, body: endless }]);
		const answer = await open(context);
		expect([answer.status, answer.stream]).toEqual([404, null]);
		expect(answer.body.length).toBeLessThan(70_000);
		expect(endless.destroyed).toBe(true);
	});

	it('survives a body that fails before anybody reads it', async () => {
		const body = Readable.from([Buffer.from('bytes')]);
		const { context } = contextOf([{ statusCode: 200, body }]);
		const { stream } = await open(context);
		body.destroy(new Error('reset'));
		await new Promise((resolve) => body.once('close', resolve));
		await expect(readStream(stream!).next()).rejects.toThrow('reset');
	});

	it('gives the reason when the credential cannot sign', async () => {
		const helpers = {
			httpRequestWithAuthentication: async () => {
				throw new Error('The Bucket field is empty');
			},
		};
		const fault = await faultOf(open({ helpers } as unknown as Context));
		expect(fault.message).toBe('The Bucket field is empty');
	});
});

describe('readWhileComing', () => {
	const startReading = () => {
		const pieces: string[] = [];
		return { push: (text: string) => void pieces.push(text), end: () => pieces.join('') };
	};
	const read = async (context: Context) =>
		await readWhileComing(context, 'agoraStorageApi', '/key', startReading);
	const pieces = (text: string, length: number) => {
		const bytes = Buffer.from(text);
		const count = Math.ceil(bytes.length / length);
		return Array.from({ length: count }, (_, n) => bytes.subarray(n * length, (n + 1) * length));
	};

	it.each([
		['plain ASCII', 'only letters'],
		['every kind of character', 'plain, é, 漢, 😀, and plain again'],
		['nothing', ''],
	])('reads %s, wherever it is cut', async (_, text) => {
		for (const length of [1, 2, 3, 100]) {
			const body = Readable.from(pieces(text, length));
			const { context } = contextOf([{ statusCode: 200, body }]);
			expect((await read(context)).result).toBe(text);
		}
	});

	it('reads anew what broke off', async () => {
		jest.useFakeTimers();
		const broken = Readable.from(
			(async function* () {
				yield Buffer.from('half of ');
				throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
			})(),
		);
		const whole = Readable.from(pieces('all of it', 4));
		const { context, asked } = contextOf([
			{ statusCode: 200, body: broken },
			{ statusCode: 200, body: whole },
		]);
		const reading = read(context);
		await jest.advanceTimersByTimeAsync(5000);
		expect((await reading).result).toBe('all of it');
		expect(asked).toHaveLength(2);
		jest.useRealTimers();
	});

	it('gives an error’s text and no result', async () => {
		const body = Readable.from([Buffer.from('<Error/>')]);
		const { context } = contextOf([{ statusCode: 404, body }]);
		expect(await read(context)).toMatchObject({
			answer: { status: 404, body: '<Error/>' },
			result: null,
		});
	});

	it('leaves off a text that does not end', async () => {
		const { stream, given } = endless();
		const { context, asked } = contextOf([{ statusCode: 200, body: stream }]);
		const work = readWhileComing(context, 'agoraStorageApi', '/', startReading);
		const fault = await faultOf(work);
		expect(fault.message).toContain('without end');
		expect(fault.details.description).toContain('endpoint');
		expect([stream.destroyed, given() < 2 * MAX_TEXT_BYTES, asked.length]).toEqual([true, true, 1]);
	});
});
