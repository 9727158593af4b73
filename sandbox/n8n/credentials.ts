import type { Sandbox } from '../sandbox.ts';
import type { RestApi } from './restApi.ts';

/** A credential as n8n takes it; the example workflows name theirs by type and name. */
export interface Credential {
	name: string;
	type: string;
	data: Record<string, unknown>;
}

/** What the example workflows need to reach the sandbox, under the names that they use. */
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
 * Creates the credential, or brings an existing one of the same type and name up to date.
 *
 * @returns n8n's id of it
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
