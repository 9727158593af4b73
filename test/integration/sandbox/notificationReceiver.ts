import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from './agoraClient.ts';

export interface Received {
	/** Unix milliseconds. */
	at: number;
	headers: IncomingHttpHeaders;
	/** As it was received. */
	text: string;
	/** Any JSON object, because tests check its shape. */
	body: Record<string, ReturnType<typeof JSON.parse>>;
}

/** A server for the tests of a file that receives notifications. It is emptied before each test. */
export function useReceiver() {
	const received: Received[] = [];
	/** The status of the next responses; null for none at all. Afterwards, it is 200. */
	const responses: Array<number | null> = [];
	const server = createServer((request, response) => {
		void text(request).then((body) => {
			const { headers } = request;
			received.push({ at: Date.now(), headers, text: body, body: JSON.parse(body) });
			const status = responses.length > 0 ? responses.shift()! : 200;
			if (status !== null) response.writeHead(status).end('{"received":true}');
		});
	});
	let url = '';
	beforeAll(async () => {
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notifications`;
	});
	beforeEach(() => {
		received.length = 0;
		responses.length = 0;
	});
	afterAll(async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});
	return {
		received,
		responses,
		get url() {
			return url;
		},
		/** Resolves with all notifications once there is one of this type. */
		untilEvent: async (eventType: number) =>
			await eventually(
				async () => received,
				(all) => all.some(({ body }) => body.eventType === eventType),
			),
		untilCount: async (count: number) =>
			await eventually(
				async () => received,
				(all) => all.length >= count,
			),
	};
}
