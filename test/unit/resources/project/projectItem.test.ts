import type { AgoraProject } from '../../../../nodes/Agora/agora/console';
import { projectItem } from '../../../../nodes/Agora/resources/project/projectItem';

const WITHOUT_KEY: AgoraProject = {
	id: '7sdnf3xRH',
	name: 'school',
	vendor_key: 'fake-app-id',
	recording_server: null,
	status: 1,
	created: 1546948608,
};
const PROJECT = { ...WITHOUT_KEY, sign_key: 'FAKE-CERTIFICATE' };
const SIMPLE = { simplify: true, includeCertificate: false };

describe('projectItem', () => {
	it('is simple, with the names people look for', () => {
		expect(projectItem(PROJECT, SIMPLE)).toEqual({
			id: '7sdnf3xRH',
			name: 'school',
			app_id: 'fake-app-id',
			status: 'enabled',
			certificate_enabled: true,
			created_at: '2019-01-08T11:56:48.000Z',
		});
	});

	it.each<[string, Partial<AgoraProject>, object]>([
		['disabled', { status: 0 }, { status: 'disabled' }],
		[
			'created in milliseconds',
			{ created: 1546948608688 },
			{ created_at: '2019-01-08T11:56:48.688Z' },
		],
		['of no known age', { created: undefined }, { created_at: null }],
		['without certificate', { sign_key: '' }, { certificate_enabled: false }],
		['of the Chinese edition', { sign_key: undefined }, { certificate_enabled: null }],
	])('reads a project %s', (_, changes, expected) => {
		expect(projectItem({ ...PROJECT, ...changes }, SIMPLE)).toMatchObject(expected);
	});

	it('is Agora’s object where not simplified, still without the secret', () => {
		expect(projectItem(PROJECT, { simplify: false, includeCertificate: false })).toEqual(
			WITHOUT_KEY,
		);
	});

	it('has the App Certificate only where asked for', () => {
		const included = { simplify: true, includeCertificate: true };
		expect(projectItem(PROJECT, included).app_certificate).toBe('FAKE-CERTIFICATE');
		expect(projectItem(WITHOUT_KEY, included).app_certificate).toBeNull();
		expect(projectItem(PROJECT, { ...included, simplify: false })).toEqual(PROJECT);
		expect(JSON.stringify(projectItem(PROJECT, SIMPLE))).not.toContain('FAKE-CERTIFICATE');
	});
});
