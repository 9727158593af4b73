import type { Answer } from './answer.ts';

/**
 * Where notifications of events come from, for the rules of a firewall; addresses of RFC 5737. The sandbox
 * sends none. Source: Agora, cloud recording, query IP addresses of the notification server.
 */
export const notificationServers = (): Answer => ({
	status: 200,
	body: {
		data: { service: { hosts: [{ primaryIP: '203.0.113.7' }, { primaryIP: '203.0.113.8' }] } },
	},
});
