/**
 * Whether a host is this machine, the only one that may be reached by plain http.
 *
 * @param hostname of a parsed URL: parsing has brought every spelling of an IPv4 address into four decimal
 *   numbers
 */
export function isLoopback(hostname: string): boolean {
	return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
