import { subscribe } from 'node:diagnostics_channel';
import dns from 'node:dns';
import type { ClientRequest } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';

/** Why nobody is reached. */
export type Closed = 'refused' | 'unknown host' | 'untrusted';

/** The way to a relay, with TLS and a host name of its own; it can be closed between two requests. */
export interface Gate {
	origin: string;
	/** From now on nobody gets through: nobody listens, the name is unknown, or the certificate not trusted. */
	close(why: Closed): void;
	open(): void;
	/** How many requests did not get through. */
	failed: number;
	/** Called when one did not. */
	onFailed: () => void;
	remove(): Promise<void>;
}

const DOMAIN = 'faults.test';
const ALL_HOSTS = `*.${DOMAIN}`;
const trusted = await selfSigned();
const untrusted = await selfSigned();

async function selfSigned() {
	const { cert, private: key } = await generate([{ name: 'commonName', value: ALL_HOSTS }], {
		keyType: 'ec',
		algorithm: 'sha256',
	});
	return { cert, key };
}

const HERE = '127.0.0.1';
/** This machine as well (on Linux), but no gate listens there. Closing the port would give it away to others. */
const NOBODY = '127.0.0.2';

/** By host name; null for a name that nobody knows. */
const addresses = new Map<string, string | null>();
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
		const outside = connect(port, HERE);
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
	await new Promise<void>((resolve) => server.listen(0, HERE, resolve));
	const address = `${host}:${(server.address() as AddressInfo).port}`;
	addresses.set(host, HERE);
	const gate: Gate = {
		origin: `https://${address}`,
		failed: 0,
		onFailed: () => undefined,
		close(why) {
			addresses.set(host, why === 'unknown host' ? null : why === 'refused' ? NOBODY : HERE);
			if (why === 'untrusted') server.setSecureContext(untrusted);
		},
		open() {
			addresses.set(host, HERE);
			server.setSecureContext(trusted);
		},
		async remove() {
			addresses.delete(host);
			gates.delete(address);
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
	gates.set(address, gate);
	return gate;
}

/** In this process the names of gates are this machine, and their certificate is trusted. */
function prepare(): void {
	isPrepared = true;
	setDefaultCACertificates([...getCACertificates('default'), trusted.cert]);
	const lookup = dns.lookup.bind(dns);
	dns.lookup = ((hostname: string, options: dns.LookupOptions, tell: Tell) => {
		const address = addresses.get(hostname);
		if (address === undefined) return lookup(hostname, options, tell as never);
		if (address !== null)
			return options.all ? tell(null, [{ address, family: 4 }]) : tell(null, address, 4);
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
