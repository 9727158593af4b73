import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateCACertificate, getLocal, type CompletedRequest } from 'mockttp';
import type { Credential } from '../../sandbox/n8n/credentials.ts';
import { fakeGoogleDrive, type DriveFile } from './googleDrive.ts';
import { fakeSlack, type SlackMessage } from './slack.ts';

/** Responds to a request to the service's host; null for a request it doesn't know. */
export type FakeService = (request: CompletedRequest) => Promise<FakeResponse | null>;

interface FakeResponse {
	statusCode: number;
	headers?: Record<string, string>;
	json?: object;
}

/** A local proxy for all requests of n8n. It simulates Google Drive and Slack, and forwards nothing. */
export interface ExternalServices {
	/** Environment variables of n8n that send all requests through the proxy, except those to this machine. */
	settings: Record<string, string>;
	/** The credentials that both services accept, with the names of the example workflow. */
	credentials: Credential[];
	/** Their secrets, by names that contain no secret. */
	secrets: Record<string, string>;
	/** Files uploaded to Google Drive. */
	files: DriveFile[];
	/** Messages sent to Slack. */
	messages: SlackMessage[];
	/** All other requests, which were refused: method and URL. */
	refused: string[];
	stop(): Promise<void>;
}

/**
 * @param folder for the certificate of the authority that n8n must trust
 * @param port of the proxy
 */
export async function startExternalServices(
	folder: string,
	port: number,
): Promise<ExternalServices> {
	const [driveToken, slackToken, clientSecret] = [secret(), secret(), secret()];
	const files: DriveFile[] = [];
	const messages: SlackMessage[] = [];
	const refused: string[] = [];
	const services: Record<string, FakeService> = {
		'www.googleapis.com': fakeGoogleDrive(driveToken, files),
		'slack.com': fakeSlack(slackToken, messages),
	};

	const authority = await generateCACertificate();
	const certificate = join(folder, 'external-services.pem');
	writeFileSync(certificate, authority.cert);
	const proxy = getLocal({ https: authority, recordTraffic: false });
	await proxy.start(port);
	await proxy.forAnyRequest().thenCallback(async (request) => {
		const { origin, hostname, pathname } = new URL(request.url);
		const response = await services[hostname]?.(request);
		if (response) return response;
		refused.push(`${request.method} ${origin}${pathname}`);
		// A status that clients don't retry.
		return {
			statusCode: 403,
			json: { message: `no service simulates this request to ${hostname}` },
		};
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
			// n8n uses npm to check for a newer version of this package.
			npm_config_registry: 'http://packages.invalid',
			// The lower-case variables take precedence, and may be set on this machine.
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
					// What n8n stores after the consent in Google's dialog.
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
