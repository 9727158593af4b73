import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateCACertificate, getLocal, type CompletedRequest } from 'mockttp';
import type { Credential } from '../../sandbox/n8n/credentials.ts';
import { playGoogleDrive, type DriveFile } from './googleDrive.ts';
import { playSlack, type SlackMessage } from './slack.ts';

/** Answers a request to the host that it plays; null for one that it does not know. */
export type Player = (request: CompletedRequest) => Promise<Answer | null>;

interface Answer {
	statusCode: number;
	headers?: Record<string, string>;
	json?: object;
}

/** The internet as n8n sees it: a proxy on this machine that plays Google Drive and Slack and passes nothing on. */
export interface OutsideWorld {
	/** Settings of n8n that send everything through the proxy but what is on this machine. */
	settings: Record<string, string>;
	/** The credentials that Google Drive and Slack take, named as the example workflow names them. */
	credentials: Credential[];
	/** What must not be seen of them, by a name that can be shown. */
	secrets: Record<string, string>;
	/** What arrived in Google Drive. */
	files: DriveFile[];
	/** What arrived in Slack. */
	messages: SlackMessage[];
	/** What was asked of others, or could not be read, and was refused: method and address. */
	refused: string[];
	stop(): Promise<void>;
}

/**
 * @param folder gets the certificate of the authority that n8n must trust
 * @param port of the proxy
 */
export async function startOutsideWorld(folder: string, port: number): Promise<OutsideWorld> {
	const [driveToken, slackToken, clientSecret] = [secret(), secret(), secret()];
	const files: DriveFile[] = [];
	const messages: SlackMessage[] = [];
	const refused: string[] = [];
	const players: Record<string, Player> = {
		'www.googleapis.com': playGoogleDrive(driveToken, files),
		'slack.com': playSlack(slackToken, messages),
	};

	const authority = await generateCACertificate();
	const certificate = join(folder, 'outside-world.pem');
	writeFileSync(certificate, authority.cert);
	const proxy = getLocal({ https: authority, recordTraffic: false });
	await proxy.start(port);
	await proxy.forAnyRequest().thenCallback(async (request) => {
		const { origin, hostname, pathname } = new URL(request.url);
		const answer = await players[hostname]?.(request);
		if (answer) return answer;
		refused.push(`${request.method} ${origin}${pathname}`);
		// Not one of the errors after which a client asks again.
		return { statusCode: 403, json: { message: `nobody plays this part of ${hostname} here` } };
	});
	await proxy.on('tls-client-error', ({ tlsMetadata }) => {
		refused.push(`TLS with ${tlsMetadata.sniHostname}`);
	});

	const address = `http://127.0.0.1:${port}`;
	const onThisMachine = '127.0.0.1,localhost';
	return {
		settings: {
			NODE_EXTRA_CA_CERTS: certificate,
			HTTP_PROXY: address,
			HTTPS_PROXY: address,
			NO_PROXY: onThisMachine,
			// Where n8n's npm asks whether there is a newer version of this package.
			npm_config_registry: 'http://packages.invalid',
			// These come before the others, and a person may have set them.
			http_proxy: address,
			https_proxy: address,
			no_proxy: onThisMachine,
		},
		credentials: [
			{
				name: 'Google Drive account',
				type: 'googleDriveOAuth2Api',
				data: {
					clientId: 'the-client-of-a-test',
					clientSecret,
					// What n8n has after somebody agreed in Google's window.
					oauthTokenData: { access_token: driveToken, token_type: 'Bearer' },
				},
			},
			{ name: 'Slack account', type: 'slackApi', data: { accessToken: slackToken } },
		],
		secrets: {
			'Google Drive token': driveToken,
			'Google client secret': clientSecret,
			'Slack token': slackToken,
		},
		files,
		messages,
		refused,
		stop: async () => await proxy.stop(),
	};
}

function secret(): string {
	return randomBytes(24).toString('hex');
}
