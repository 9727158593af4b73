import { acquireRequest } from '../../../../../nodes/Agora/operations/recording/start/acquireRequest';

const page = (maxRecordingHour: unknown) => ({
	extensionServiceConfig: {
		extensionServices: [
			null,
			{ serviceName: 'web_recorder_service', serviceParam: { maxRecordingHour } },
		],
	},
});

describe('acquireRequest', () => {
	it('reserves for 72 hours when nothing was set', () => {
		expect(acquireRequest('mix', {}, {})).toStrictEqual({ scene: 0, resourceExpiredHour: 72 });
	});

	it('says all that was set', () => {
		const options = {
			resourceExpiredHour: 1,
			region: 'EU',
			regionAffinity: 0,
			excludeResourceIds: 'one, two\nthree',
		};
		expect(acquireRequest('raw', options, {})).toStrictEqual({
			scene: 0,
			resourceExpiredHour: 1,
			region: 'EU',
			regionAffinity: 0,
			excludeResourceIds: ['one', 'two', 'three'],
		});
	});

	it.each([
		[100, 100],
		[2, 72],
		['many', 72],
	])('keeps a page of %p hours under control for %d', (hours, expected) => {
		expect(acquireRequest('web', {}, page(hours))).toMatchObject({
			scene: 1,
			resourceExpiredHour: expected,
		});
	});

	it('leaves the control period to the person who set it', () => {
		const options = { resourceExpiredHour: 10 };
		expect(acquireRequest('web', options, page(100)).resourceExpiredHour).toBe(10);
	});
});
