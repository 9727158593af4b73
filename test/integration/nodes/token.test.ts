import { AccessToken2, kRtcServiceType } from 'agora-token/src/AccessToken2.js';
import type { IDataObject } from 'n8n-workflow';
import { useSandboxedEngine } from '../sandboxedEngine.ts';

const set = useSandboxedEngine();

const run = async (parameters: IDataObject = {}, agoraApi = 'default') =>
	await set.engine.run(
		{ resource: 'token', operation: 'generate', cname: 'class-7b', ...parameters },
		{ credentials: { agoraApi } },
	);

/** What Agora's own library reads in a token that the sandbox's project signed. */
function read(token: unknown) {
	const parsed = new AccessToken2('', '', 0, 0);
	expect(parsed.from_string(token)).toBe(true);
	expect(parsed.verifySignature(set.sandbox.agoraAccount.appCertificate)).toBe(true);
	const [service] = parsed.getServices(kRtcServiceType);
	return {
		appId: String(parsed.appId),
		expiresAt: new Date((parsed.issueTs + parsed.expire) * 1000).toISOString(),
		lifetime: parsed.expire,
		channel: String(service.__channel_name),
		uid: String(service.__uid),
		privileges: service.__privileges,
	};
}

describe('Token: Generate', () => {
	it('makes a token for a host, without asking Agora', async () => {
		await set.sandbox.control.clearRequests();
		const { json } = await run({ uid: '1001' });
		const { appId } = set.sandbox.agoraAccount;
		expect(json).toEqual([
			{
				token: expect.stringMatching(/^007/),
				app_id: appId,
				cname: 'class-7b',
				uid: '1001',
				role: 'host',
				expires_at: expect.any(String),
			},
		]);
		expect(read(json[0]!.token)).toEqual({
			appId,
			expiresAt: json[0]!.expires_at,
			lifetime: 3600,
			channel: 'class-7b',
			uid: '1001',
			privileges: { 1: 3600, 2: 3600, 3: 3600, 4: 3600 },
		});
		expect(await set.sandbox.control.requests('agora')).toEqual([]);
	});

	it('lets an audience only join, for the requested time', async () => {
		const { json } = await run({ uid: '={{ 7 }}', role: 'audience', lifetime: 900 });
		expect(json[0]).toMatchObject({ uid: '7', role: 'audience' });
		expect(read(json[0]!.token)).toMatchObject({ lifetime: 900, privileges: { 1: 900 } });
	});

	it.each(['', '0'])('is good for any user with the UID %j', async (uid) => {
		const { json } = await run({ uid });
		expect(json[0]!.uid).toBe('0');
		expect(read(json[0]!.token).uid).toBe('');
	});

	it('knows user accounts', async () => {
		const { json } = await run({ userType: 'userAccount', userAccount: 'ada.l@example.com' });
		expect(json[0]!.uid).toBe('ada.l@example.com');
		expect(read(json[0]!.token).uid).toBe('ada.l@example.com');
	});

	it.each<[string, IDataObject, string]>([
		['a channel name Agora does not have', { cname: 'a/b' }, '"a/b" is not a valid channel name'],
		['a blank channel name', { cname: ' ' }, '" " is not a valid channel name'],
		['a UID that is too large', { uid: '4294967296' }, `"4294967296" can't be a UID`],
		['a UID that is a name', { uid: 'ada' }, `"ada" can't be a UID`],
		['a UID that an expression did not find', { uid: '={{ null }}' }, `"null" can't be a UID`],
		[
			'a blank user account, good for nobody',
			{ userType: 'userAccount', userAccount: ' ' },
			`" " can't be a user account`,
		],
		[
			'the user account 0, good for anybody',
			{ userType: 'userAccount', userAccount: '0' },
			`"0" can't be a user account`,
		],
		['an unknown role', { role: '={{ "admin" }}' }, '"Role" can\'t be "admin"'],
		['more than 24 hours', { lifetime: '={{ 86401 }}' }, '"Lifetime" must be 1 to 86400 seconds'],
		['no time at all', { lifetime: '={{ 0 }}' }, '"Lifetime" must be 1 to 86400 seconds'],
	])('refuses %s', async (_, parameters, message) => {
		const { error, json } = await run({ uid: '1', ...parameters });
		expect(error!.message).toContain(message);
		expect(json).toEqual([]);
	});

	it.each([
		['App Certificate', { appCertificate: '' }, 'has no App Certificate'],
		['App ID', { appId: ' ' }, 'has no App ID'],
		['right App ID', { appId: 'short' }, 'The App ID is not 32 hexadecimal characters'],
	])('says so when the credential has no %s', async (name, changes, message) => {
		set.credentials.agoraApi![name] = { ...set.credentials.agoraApi!.default, ...changes };
		const { error } = await run({}, name);
		expect(error!.message).toContain(message);
		expect(error!.description).toContain('Agora Console');
	});
});
