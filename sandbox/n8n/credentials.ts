import type { Sandbox } from '../sandbox.ts';
import type { RestApi } from './restApi.ts';

/** A credential for n8n's REST API. */
export interface Credential {
	name: string;
	type: string;
	data: Record<string, unknown>;
}

/** Signs the notifications of both products in the demo. Agora generates a secret for each. */
export const NOTIFICATIONS_SECRET = 'this-secret-signs-sandbox-notices-only';

/** The header that calls to the webhook of "Ban who is reported" need, and its value. */
export const WEBHOOK_HEADER = 'X-API-Key';
export const WEBHOOK_KEY = 'this-key-bans-sandbox-users-only';

/** Credentials for the sandbox and its webhooks, with the names that the example workflows use. */
export function sandboxCredentials({ agora, s3, agoraAccount, storage }: Sandbox): Credential[] {
	return [
		{
			name: 'Agora account',
			type: 'agoraApi',
			data: { ...agoraAccount, host: 'custom', customHost: agora },
		},
		{
			name: 'Agora Recording Storage account',
			type: 'agoraStorageApi',
			data: {
				vendor: 's3Compatible',
				endpoint: storage.endpoint,
				s3CompatibleRegion: storage.region,
				bucket: storage.bucket,
				accessKey: storage.accessKey,
				secretKey: storage.secretKey,
				fileNamePrefix: 'demo',
				addressing: 'pathStyle',
			},
		},
		{
			name: 'Agora Notifications account',
			type: 'agoraNotificationsApi',
			data: { secret: NOTIFICATIONS_SECRET },
		},
		{
			name: 'Header Auth account',
			type: 'httpHeaderAuth',
			data: { name: WEBHOOK_HEADER, value: WEBHOOK_KEY },
		},
		{
			name: 'S3 account',
			type: 's3',
			data: {
				endpoint: s3,
				region: storage.region,
				accessKeyId: storage.accessKey,
				secretAccessKey: storage.secretKey,
				forcePathStyle: true,
			},
		},
	];
}

/**
 * Creates the credential, or updates the one with the same type and name.
 *
 * @returns its ID in n8n
 */
export async function saveCredential(api: RestApi, credential: Credential): Promise<string> {
	const all = await api.get<Array<{ id: string; name: string; type: string }>>('/credentials');
	const existing = all.find(
		({ name, type }) => name === credential.name && type === credential.type,
	);
	const { id } = existing
		? await api.patch<{ id: string }>(`/credentials/${existing.id}`, credential)
		: await api.post<{ id: string }>('/credentials', credential);
	return id;
}
