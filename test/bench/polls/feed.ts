import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const ITEMS = 20;
const HOUR_MS = 3_600_000;

export interface Feed {
	url: string;
	/** Requests since the last call. */
	takeCount(): number;
	stop(): Promise<void>;
}

/** Serves an RSS feed to which nothing is added, on a free port of the loopback interface. */
export async function startFeed(): Promise<Feed> {
	let requests = 0;
	const text = feedText(Date.now());
	const server = createServer((_request, response) => {
		requests++;
		response.writeHead(200, { 'content-type': 'application/rss+xml' });
		response.end(text);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed.xml`,
		takeCount() {
			const count = requests;
			requests = 0;
			return count;
		},
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

function feedText(now: number): string {
	const items = Array.from({ length: ITEMS }, (_, n) => {
		const date = new Date(now - (n + 1) * HOUR_MS).toUTCString();
		const link = `http://127.0.0.1/posts/${n}`;
		return `<item><title>Post ${n}</title><link>${link}</link><guid>${link}</guid><pubDate>${date}</pubDate><description>Text of post ${n}</description></item>`;
	});
	return `<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Posts</title><link>http://127.0.0.1/</link><description>Nothing new</description>${items.join('')}</channel></rss>`;
}
