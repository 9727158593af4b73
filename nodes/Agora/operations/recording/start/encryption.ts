import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { CHANNEL, onlyFor } from './mode';

/** Decryption modes that want a salt: AES-128-GCM2 and AES-256-GCM2. */
export const SALTED = [7, 8];

/** How the recorder reads a channel whose clients encrypt. */
export const encryptionOptions: INodeProperties[] = [
	{
		displayName: 'Decryption Mode',
		name: 'decryptionMode',
		type: 'options',
		options: [
			{ name: 'AES-128-ECB', value: 2 },
			{ name: 'AES-128-GCM', value: 5 },
			{ name: 'AES-128-GCM2', value: 7 },
			{ name: 'AES-128-XTS', value: 1 },
			{ name: 'AES-256-GCM', value: 6 },
			{ name: 'AES-256-GCM2', value: 8 },
			{ name: 'AES-256-XTS', value: 3 },
			{ name: 'SM4-128-ECB', value: 4 },
		],
		default: 7,
		...onlyFor(CHANNEL),
		description: 'How the clients encrypt the channel, if they do',
	},
	{
		displayName: 'Decryption Salt',
		name: 'decryptionSalt',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		...onlyFor(CHANNEL, { decryptionMode: SALTED }),
		description: 'The salt that the clients set: 32 bytes in Base64',
	},
	{
		displayName: 'Decryption Secret',
		name: 'decryptionSecret',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		...onlyFor(CHANNEL, { decryptionMode: [1, 2, 3, 4, 5, 6, 7, 8] }),
		description: 'The key that the clients set',
	},
];

/** Values of `encryptionOptions`; what was not set is absent. */
export interface EncryptionSettings {
	decryptionMode?: number;
	decryptionSecret?: string;
	decryptionSalt?: string;
}

/** @returns Agora's `decryptionMode`, `secret` and `salt`, as far as they were set (Agora: `start`) */
export function encryption(settings: EncryptionSettings): IDataObject {
	const { decryptionMode, decryptionSecret, decryptionSalt } = settings;
	if (!decryptionMode) return {};
	return {
		decryptionMode,
		secret: decryptionSecret,
		salt: SALTED.includes(decryptionMode) ? decryptionSalt : undefined,
	};
}
