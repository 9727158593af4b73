import type { Execute, ResourceDescription } from '../shared/operation';
import * as download from './download';
import * as get from './get';
import * as getMany from './getMany';
import * as start from './start';
import * as stop from './stop';
import * as update from './update';
import * as updateLayout from './updateLayout';

export const description = (): ResourceDescription => ({
	name: 'Recording',
	value: 'recording',
	operations: [
		download.description,
		get.description,
		getMany.description,
		start.description,
		stop.description,
		update.description,
		updateLayout.description,
	],
	aliases: [
		'recording',
		'new recording',
		'record call',
		'cloud recording',
		'video call',
		'voice call',
		'live streaming',
		'rtc',
		'webrtc',
		'meeting',
		'webinar',
		'conference',
		's3 recording',
		'hls',
		'mp4',
	],
	defaultOperation: getMany.description.value,
});

export const operations: Record<string, Execute> = {
	download: download.execute,
	get: get.execute,
	getAll: getMany.execute,
	start: start.execute,
	stop: stop.execute,
	update: update.execute,
	updateLayout: updateLayout.execute,
};
