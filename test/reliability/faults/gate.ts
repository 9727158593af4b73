import { subscribe } from 'node:diagnostics_channel';
import dns from 'node:dns';
import type { ClientRequest } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { selfSigned } from './certificate.ts';

/** Why nobody is reached. */
export type Closed = 'refused' | 'unknown host' | 'untrusted';

/** The way to a relay, with TLS and a host name of its own; it can be closed between two requests. */
export interface Gate {
	origin: string;
	/** From now on nobody gets through: the port is closed, the name unknown, or the certificate not trusted. */
	close(why: Closed): void;
	open(): Promise<void>;
	/** How many requests did not get through. */
	failed: number;
	/** Called when one did not. */
	onFailed: () => void;
	remove(): Promise<void>;
}

const DOMAIN = 'faults.test';
const trusted = selfSigned(`*.${DOMAIN}`);
const untrusted = selfSigned(`*.${DOMAIN}`);

const unknownHosts = new Set<string>();
/** By what a request says in `Host`. */
const gates = new Map<string, Gate>();
let isPrepared = false;

/**
 * Builds a gate. Each request must come by a connection of its own, as those of n8n do.
 *
 * @param port of the relay behind it, on this machine
 */
export async function buildGate(port: number): Promise<Gate> {
	if (!isPrepared) prepare();
	const host = `g${port}.${DOMAIN}`;
	const sockets = new Set<Socket>();
	const server = createServer(trusted, (inside) => {
		const outside = connect(port, '127.0.0.1');
		inside.pipe(outside).pipe(inside);
		for (const [one, other] of [
			[inside, outside],
			[outside, inside],
		] as const) {
			sockets.add(one);
			one.on('error', () => other.destroy());
			one.on('close', () => (sockets.delete(one), other.destroy()));
		}
	});
	const listen = async (at: number) =>
		await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
	await listen(0);
	const { port: own } = server.address() as AddressInfo;
	const address = `${host}:${own}`;
	const gate: Gate = {
		origin: `https://${address}`,
		failed: 0,
		onFailed: () => undefined,
		close(why) {
			if (why === 'unknown host') unknownHosts.add(host);
			if (why === 'untrusted') server.setSecureContext(untrusted);
			// Connections that are open stay so: an answer may still be on its way.
			if (why === 'refused') server.close();
		},
		async open() {
			unknownHosts.delete(host);
			server.setSecureContext(trusted);
			if (!server.listening) await listen(own);
		},
		async remove() {
			unknownHosts.delete(host);
			gates.delete(address);
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
	gates.set(address, gate);
	return gate;
}

/** In this process the names below the domain are this machine, and the certificate of gates is trusted. */
function prepare(): void {
	isPrepared = true;
	setDefaultCACertificates([...getCACertificates('default'), trusted.cert]);
	const lookup = dns.lookup.bind(dns);
	dns.lookup = ((hostname: string, options: dns.LookupOptions, tell: Tell) => {
		if (!hostname.endsWith(`.${DOMAIN}`)) return lookup(hostname, options, tell as never);
		if (!unknownHosts.has(hostname))
			return options.all
				? tell(null, [{ address: '127.0.0.1', family: 4 }])
				: tell(null, '127.0.0.1', 4);
		// As Node words it.
		const error = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
		tell(Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname }));
	}) as typeof dns.lookup;
	subscribe('http.client.request.error', (message) => {
		const { request } = message as { request: ClientRequest };
		const gate = gates.get(String(request.getHeader('host')));
		if (gate === undefined) return;
		gate.failed++;
		gate.onFailed();
	});
}

type Tell = (error: Error | null, address?: unknown, family?: number) => void;
