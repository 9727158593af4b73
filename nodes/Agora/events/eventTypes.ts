/** The products of Agora's notifications, by the value of the field Product. */
export const PRODUCTS = {
	/** `productId` of Cloud Recording. */
	recording: 3,
	/** `productId` of RTC channels. */
	channel: 1,
};
export type Product = keyof typeof PRODUCTS;

export interface EventType {
	/** Agora's `eventType`. */
	number: number;
	/** Value in the workflow's JSON and in the item, after the product: `recording.uploaded`. Never changes. */
	value: string;
	/** Name in the editor. */
	name: string;
	description: string;
}

/**
 * The events of each product, in the order of their numbers.
 *
 * Source: Agora, Notifications, cloud recording events and channel events. Event 13 is only named in the best practices
 * of cloud recording; 80 and 81 are only sent by old versions.
 */
export const EVENTS: Record<Product, EventType[]> = {
	recording: [
		event(1, 'error', 'Recording Error', 'Something failed; a fatal error may end the recording'),
		event(2, 'warning', 'Recording Warning', 'Something was retried, such as an upload'),
		event(3, 'status_changed', 'Status Changed', 'A request did not fit the status of the service'),
		event(4, 'playlist_created', 'Playlist Created', 'The first playlist was uploaded'),
		event(11, 'ended', 'Recording Ended', 'The recorder has exited; files may still be uploaded'),
		event(
			12,
			'recorder_replaced',
			'Recorder Replaced',
			'Another recorder takes over after a failure',
		),
		event(13, 'standby_ready', 'Standby Ready', 'Another recorder can take over after a failure'),
		event(30, 'upload_started', 'Upload Started', 'The uploader has started'),
		event(31, 'uploaded', 'Files Uploaded', 'All files are in your bucket'),
		event(32, 'backed_up', 'Files Backed Up', "Some files are in Agora's backup and follow later"),
		event(33, 'upload_progress', 'Upload Progress', 'The progress of the upload, once a minute'),
		event(40, 'started', 'Recording Started', 'The recorder has joined the channel'),
		event(41, 'recorder_left', 'Recorder Left', 'The recorder has left the channel'),
		event(
			42,
			'segment_started',
			'Segment Started',
			'The first segment, also after an interruption',
		),
		event(43, 'audio_changed', 'Audio Changed', 'The audio of a user began or stopped to arrive'),
		event(44, 'video_changed', 'Video Changed', 'The video of a user began or stopped to arrive'),
		event(45, 'screenshot_taken', 'Screenshot Taken', 'A screenshot was uploaded'),
		event(60, 'vod_started', 'VOD Upload Started', 'The upload to ApsaraVideo for VOD has started'),
		event(61, 'vod_uploaded', 'VOD Uploaded', 'All files are in ApsaraVideo for VOD'),
		event(70, 'web_started', 'Web Recording Started', 'The recording of a web page has started'),
		event(71, 'web_stopped', 'Web Recording Stopped', 'The recording of a web page has stopped'),
		event(72, 'web_unsupported', 'Web Page Unsupported', 'The page needs what Agora cannot record'),
		event(73, 'web_reloaded', 'Web Page Reloaded', 'The page was reloaded'),
		event(80, 'transcoding_started', 'Transcoding Started', 'The conversion to MP4 has started'),
		event(81, 'transcoding_ended', 'Transcoding Ended', 'The conversion to MP4 has ended'),
		event(90, 'download_failed', 'Download Failed', 'Recorded files could not be downloaded'),
		event(100, 'rtmp_status', 'RTMP Status', 'The broadcast of a web page has another status'),
		event(
			1001,
			'transcoding_result',
			'Transcoding Result',
			'The result of a later conversion to MP4',
		),
	],
	channel: [
		event(101, 'created', 'Channel Created', 'The first user has joined'),
		event(102, 'destroyed', 'Channel Destroyed', 'The last user has left'),
		event(103, 'host_joined', 'Host Joined', 'Live broadcast: a host has joined'),
		event(104, 'host_left', 'Host Left', 'Live broadcast: a host has left'),
		event(
			105,
			'audience_joined',
			'Audience Joined',
			'Live broadcast: an audience member has joined',
		),
		event(106, 'audience_left', 'Audience Left', 'Live broadcast: an audience member has left'),
		event(107, 'user_joined', 'User Joined', 'Communication: a user has joined'),
		event(108, 'user_left', 'User Left', 'Communication: a user has left'),
		event(111, 'became_host', 'Role Changed to Host', 'An audience member has become a host'),
		event(
			112,
			'became_audience',
			'Role Changed to Audience',
			'A host has become an audience member',
		),
	],
};

function event(number: number, value: string, name: string, description: string): EventType {
	return { number, value, name, description };
}

/** The choice that includes events that are not in the table. */
export const ALL_EVENTS = '*';

/** @returns such as `recording.uploaded`, or with Agora's number for an event that is not in the table: `recording.99` */
export function eventName(product: Product, number: number): string {
	const known = EVENTS[product].find((each) => each.number === number);
	return `${product}.${known?.value ?? number}`;
}
