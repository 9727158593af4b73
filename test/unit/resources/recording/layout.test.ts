import { namedLayout } from '../../../../nodes/Agora/resources/recording/layout';

describe('namedLayout', () => {
	it.each([
		[0, 'floating'],
		[1, 'best_fit'],
		[2, 'vertical'],
		[3, 'custom'],
	])('names layout %s', (mixedVideoLayout, layout) => {
		expect(namedLayout({ mixedVideoLayout })).toEqual({ layout });
	});

	it('names every setting like its field', () => {
		const layout = {
			mixedVideoLayout: 3,
			maxResolutionUid: '1001',
			backgroundColor: '#000000',
			backgroundImage: 'https://example.com/a.png',
			defaultUserBackgroundImage: 'https://example.com/b.png',
			layoutConfig: [
				{ uid: '1', x_axis: 0.5, y_axis: 0, width: 0.5, height: 1, alpha: 1, render_mode: 1 },
			],
			backgroundConfig: [{ uid: '1', image_url: 'https://example.com/c.png', render_mode: 0 }],
		};
		expect(namedLayout(layout)).toEqual({
			layout: 'custom',
			main_user_uid: '1001',
			background_color: '#000000',
			background_image: 'https://example.com/a.png',
			user_background_image: 'https://example.com/b.png',
			regions: [{ uid: '1', left: 0.5, top: 0, width: 0.5, height: 1, opacity: 1, fit: 'fit' }],
			user_background_images: [{ uid: '1', image_url: 'https://example.com/c.png', fit: 'crop' }],
		});
	});
});
