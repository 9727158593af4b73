/**
 * Whether secrets may be sent to an address: nobody reads them on the way, or the user has allowed that.
 *
 * @param allowPlainHttp whether the user has switched plain http on; this machine itself needs no switch
 */
export function mayCarrySecrets({ protocol, hostname }: URL, allowPlainHttp: boolean): boolean {
	if (protocol === 'https:') return true;
	return protocol === 'http:' && (allowPlainHttp || isLoopback(hostname));
}

/** Parsing has brought every spelling of an IPv4 address into four decimal numbers. */
function isLoopback(hostname: string): boolean {
	return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
