import type { Context } from '../../../nodes/Agora/http/concurrency';
import {
	loadStorageCredential,
	readStorageCredential,
} from '../../../nodes/Agora/storage/credential';
import { fakeCredential } from './fakeCredential';

describe('Session Expires At', () => {
	const expiryOf = (sessionExpiresAt: string | number, zone?: string) =>
		readStorageCredential(fakeCredential({ sessionExpiresAt }), zone).sessionExpiresAt;
	const TEN = Date.UTC(2026, 10, 23, 10);

	it.each([
		['as ISO 8601', '2026-11-23T10:00:00Z', TEN],
		['with a space instead of the T', '2026-11-23 10:00:00Z', TEN],
		['with an offset', '2026-11-23T11:00:00+01:00', TEN],
		['with spaces around it', ' 2026-11-23T10:00Z ', TEN],
		['in Unix seconds', String(TEN / 1000), TEN],
		['in Unix seconds, as a number', TEN / 1000, TEN],
		['empty', '', null],
	])('can be entered %s', (_, text, expected) => {
		expect(expiryOf(text)).toBe(expected);
	});

	it.each(['2026-11-23T11:00:00', '2026-11-23 11:00', '2026-11-23 11:00:00.000'])(
		'without a zone, %s is in the zone of the workflow',
		(text) => {
			expect(expiryOf(text, 'Europe/Berlin')).toBe(TEN);
			expect(expiryOf(text)).toBe(TEN + 3_600_000);
		},
	);

	it.each(['soon', '23.11.2026', '2026-13-01'])('cannot be %s', (text) => {
		expect(() => expiryOf(text)).toThrow('Session Expires At');
	});
});

describe('loadStorageCredential', () => {
	const contextOf = (credentials: object) =>
		({
			getNode: () => ({ credentials }),
			getCredentials: async () => fakeCredential({ sessionExpiresAt: '2026-11-23 11:00' }),
			getTimezone: () => 'Europe/Berlin',
		}) as unknown as Context;

	it('reads the credential in the time zone of the workflow', async () => {
		const context = contextOf({ agoraStorageApi: { id: '1', name: 'storage' } });
		const { sessionExpiresAt, bucket } = await loadStorageCredential(context);
		expect(bucket).toBe('my-recordings');
		expect(sessionExpiresAt).toBe(Date.UTC(2026, 10, 23, 10));
	});

	it('throws if none is connected', async () => {
		await expect(loadStorageCredential(contextOf({}))).rejects.toThrow(
			'No Agora Recording Storage API credential is connected',
		);
	});
});
