import { subscribe } from 'node:diagnostics_channel';
import dns from 'node:dns';
import type { ClientRequest } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import type { ConnectionFailure } from './faults.ts';

/** TLS with a made-up host name in front of a relay, whose connections can be made to fail. */
export interface TlsFront {
	origin: string;
	/** From now on connections fail this way; null: they succeed again. */
	fail(failure: ConnectionFailure | null): void;
	/** How many requests failed to connect. */
	failures: number;
	onFailure: () => void;
	close(): Promise<void>;
}

const DOMAIN = 'faults.test';
const LOOPBACK = '127.0.0.1';
/** Also this machine (on Linux), but nothing listens there. Closing the port would free it for other servers. */
const UNUSED_LOOPBACK = '127.0.0.2';

const trusted = await selfSigned();
const untrusted = await selfSigned();

async function selfSigned() {
	const name = { name: 'commonName', value: `*.${DOMAIN}` };
	const { cert, private: key } = await generate([name], { keyType: 'ec', algorithm: 'sha256' });
	return { cert, key };
}

/** IP address by host name; null for a host that does not exist. */
const addresses = new Map<string, string | null>();
/** By the `Host` header of a request. */
const fronts = new Map<string, TlsFront>();
let isPatched = false;

/**
 * Each request must open a new connection, as n8n's do.
 *
 * @param port of the relay on this machine
 */
export async function startTlsFront(port: number): Promise<TlsFront> {
	if (!isPatched) patchProcess();
	const hostname = `relay${port}.${DOMAIN}`;
	const sockets = new Set<Socket>();
	const server = createServer(trusted, (incoming) => {
		const outgoing = connect(port, LOOPBACK);
		incoming.pipe(outgoing).pipe(incoming);
		for (const [socket, peer] of [
			[incoming, outgoing],
			[outgoing, incoming],
		] as const) {
			sockets.add(socket);
			socket.on('error', () => peer.destroy());
			socket.on('close', () => (sockets.delete(socket), peer.destroy()));
		}
	});
	await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
	const host = `${hostname}:${(server.address() as AddressInfo).port}`;
	const front: TlsFront = {
		origin: `https://${host}`,
		failures: 0,
		onFailure: () => undefined,
		fail(failure) {
			const address = failure === 'refused' ? UNUSED_LOOPBACK : LOOPBACK;
			addresses.set(hostname, failure === 'unknown host' ? null : address);
			server.setSecureContext(failure === 'untrusted certificate' ? untrusted : trusted);
		},
		async close() {
			addresses.delete(hostname);
			fronts.delete(host);
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
	addresses.set(hostname, LOOPBACK);
	fronts.set(host, front);
	return front;
}

/** Makes this process resolve the made-up names, trust their certificate, and count failed requests. */
function patchProcess(): void {
	isPatched = true;
	setDefaultCACertificates([...getCACertificates('default'), trusted.cert]);
	const lookup = dns.lookup.bind(dns);
	dns.lookup = ((hostname: string, options: dns.LookupOptions, callback: LookupCallback) => {
		const address = addresses.get(hostname);
		if (address === undefined) return lookup(hostname, options, callback as never);
		if (address !== null)
			return options.all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4);
		const error = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
		callback(Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname }));
	}) as typeof dns.lookup;
	subscribe('http.client.request.error', (message) => {
		const { request } = message as { request: ClientRequest };
		const front = fronts.get(String(request.getHeader('host')));
		if (front === undefined) return;
		front.failures++;
		front.onFailure();
	});
}

type LookupCallback = (error: Error | null, address?: unknown, family?: number) => void;
