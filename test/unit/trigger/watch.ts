import type { Watch } from '../../../nodes/Agora/trigger/detectNew';

/** Completed recordings of all channels, as the trigger watches them by default. */
export const WATCH: Watch = {
	event: 'recordingCompleted',
	scope: 'here',
	includeExisting: false,
	includeSegments: false,
	mp4: 'detect',
};
