import dns from 'node:dns';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import type { ConnectionFailure } from './faults.ts';

/** TLS with a made-up host name in front of a relay. Each request opens a connection, as n8n's do. */
export interface TlsFront {
	origin: string;
	/** How many connections have failed. */
	failures: number;
	close(): Promise<void>;
}

const DOMAIN = 'faults.test';
const LOOPBACK = '127.0.0.1';
/** Addresses of this machine (on Linux): with a server whose certificate is not trusted, and without any server. */
const UNTRUSTED = '127.0.0.2';
const UNUSED = '127.0.0.3';

const trusted = await selfSigned();
const untrusted = await selfSigned();

async function selfSigned() {
	const name = { name: 'commonName', value: `*.${DOMAIN}` };
	const { cert, private: key } = await generate([name], { keyType: 'ec', algorithm: 'sha256' });
	return { cert, key };
}

/** By host name: the IP address for the next connection, null for a host that does not exist. */
const resolvers = new Map<string, () => string | null>();
let isPatched = false;

/**
 * @param port of the relay on this machine
 * @param nextFailure called for each connection; null for one that succeeds
 */
export async function startTlsFront(
	port: number,
	nextFailure: () => ConnectionFailure | null,
): Promise<TlsFront> {
	if (!isPatched) patchProcess();
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
	const tlsPort = (server.address() as AddressInfo).port;
	const untrustedServer = createServer(untrusted).on('tlsClientError', () => undefined);
	await new Promise<void>((resolve) => untrustedServer.listen(tlsPort, UNTRUSTED, resolve));
	const hostname = `relay${port}.${DOMAIN}`;
	const front: TlsFront = {
		origin: `https://${hostname}:${tlsPort}`,
		failures: 0,
		async close() {
			resolvers.delete(hostname);
			server.close();
			untrustedServer.close();
			for (const socket of sockets) socket.destroy();
		},
	};
	resolvers.set(hostname, () => {
		const failure = nextFailure();
		if (failure === null) return LOOPBACK;
		front.failures++;
		if (failure === 'unknown host') return null;
		return failure === 'refused' ? UNUSED : UNTRUSTED;
	});
	return front;
}

/** Makes this process resolve the made-up names and trust their certificate. */
function patchProcess(): void {
	isPatched = true;
	setDefaultCACertificates([...getCACertificates('default'), trusted.cert]);
	const lookup = dns.lookup.bind(dns);
	dns.lookup = ((hostname: string, options: dns.LookupOptions, callback: LookupCallback) => {
		const resolve = resolvers.get(hostname);
		if (resolve === undefined) return lookup(hostname, options, callback as never);
		const address = resolve();
		if (address !== null)
			return options.all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4);
		const error = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
		callback(Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname }));
	}) as typeof dns.lookup;
}

type LookupCallback = (error: Error | null, address?: unknown, family?: number) => void;
