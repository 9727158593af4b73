import type { Watch } from '../../../nodes/Agora/trigger/detectNew';

/** Completed recordings of all channels, the default of the trigger. */
export const WATCH: Watch = {
	event: 'recordingCompleted',
	channels: {},
	scope: 'here',
	includeExisting: false,
	includeSegments: false,
	mp4: 'detect',
};
