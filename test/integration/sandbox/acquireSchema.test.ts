import { RequestChecks } from '../../../sandbox/agora/requestChecks.ts';
import { body } from './requestBodies.ts';

const WRONG: Array<[path: string, sent: object, reason?: string]> = [
	['cname', body({}, { cname: 7 })],
	['uid', body({}, { uid: 7 })],
	['uid', body({}, { uid: '0' }), 'from 1 to 4294967295'],
	['uid', body({}, { uid: '-1' })],
	['uid', body({}, { uid: '4294967296' })],
	['uid', body({}, { uid: 'host' })],
	['clientRequest', body(undefined), 'Required'],
	['clientRequest', body([])],
	['clientRequest.scene', body({ scene: 3 })],
	['clientRequest.scene', body({ scene: '1' })],
	['clientRequest.resourceExpiredHour', body({ resourceExpiredHour: 0 })],
	['clientRequest.resourceExpiredHour', body({ resourceExpiredHour: 721 })],
	['clientRequest.excludeResourceIds', body({ excludeResourceIds: 'r' })],
	['clientRequest.excludeResourceIds.0', body({ excludeResourceIds: [7] })],
	['clientRequest.region', body({ region: 'US' })],
	['clientRequest.regionAffinity', body({ regionAffinity: 5 })],
];

it.each(WRONG)('refuses %s: %j', (path, sent, reason = '') => {
	const checks = new RequestChecks();
	expect(checks.refusalOf('acquire', null, sent)).toMatchObject({ body: { code: 2 } });
	expect(checks.refusals).toMatchObject([{ path, reason: expect.stringContaining(reason) }]);
});

it.each([
	['with a character no channel has', { cname: 'algèbre' }, 0],
	['of more than 64 bytes', { cname: 'a'.repeat(65) }, 0],
	['that is empty', { cname: '' }, 0],
	['of a web page of more than 1024 bytes', { cname: 'ä'.repeat(513) }, 1],
])('answers code 401 to a name %s', (_what, name, scene) => {
	const answer = new RequestChecks().refusalOf('acquire', null, body({ scene }, name));
	expect(answer).toEqual({ status: 400, body: { code: 401, reason: 'invalid_channel_name' } });
});

it('accepts any label of a web page', () => {
	const sent = body({ scene: 1 }, { cname: 'Geometry: ä/ö, page 2' });
	expect(new RequestChecks().refusalOf('acquire', null, sent)).toBeUndefined();
});

it('leaves it to start to refuse a startParameter', () => {
	const sent = body({ startParameter: { storageConfig: 'wrong' } });
	expect(new RequestChecks().refusalOf('acquire', null, sent)).toBeUndefined();
});
