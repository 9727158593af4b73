import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { displayParameter } from 'n8n-workflow';
import {
	BITRATES,
	SETTINGS,
	startFields,
} from '../../../../../nodes/Agora/resources/recording/start/settings';

const FIELDS = startFields();
const collection = (name: string) =>
	FIELDS.find((field) => field.name === name)!.options as INodeProperties[];
const OPTIONS = collection('options');
const PICTURE = collection('picture');
const inputs = (fields: INodeProperties[]) => fields.filter(({ type }) => type !== 'notice');
const ALL = [...FIELDS, ...OPTIONS, ...PICTURE];
const choicesOf = ({ type, options = [] }: INodeProperties) =>
	type === 'options' ? (options as INodePropertyOptions[]) : [];

describe('the fields of each mode', () => {
	const CHANNEL = ['cname', 'mode', 'uidMode', 'channelType', 'channelProfileNotice'];
	const EVERY = ['waitForRecording', 'partitionByDate', 'options', 'clientRequest'];
	const OWN = ['allowUnknown', 'appId', 'ifAlreadyRecording'];
	const ALWAYS = [
		...[...OWN, 'excludeResourceIds', 'region', 'regionAffinity', 'resourceExpiredHour'],
		...['saveSessionRecord', 'serverSideEncryption', 'objectTag'],
	];
	const IN_CHANNEL = [
		...[...ALWAYS, 'decryptionMode', 'maxIdleTime', 'streamTypes', 'standardPlaylist'],
		...['token', 'tokenHours', 'videoStreamType'],
	];

	it.each<[string, object, string[], string[], string[]]>([
		[
			'Composite',
			{ mode: 'mix' },
			[...CHANNEL, 'fileFormats', ...EVERY, 'picture', 'subscriptions'],
			[
				...['backgroundColor', 'backgroundConfig', 'backgroundImage', 'bitrate', 'fps'],
				...['defaultUserBackgroundImage', 'mixedVideoLayout', 'videoSize'],
			],
			[...IN_CHANNEL, 'audioProfile'],
		],
		[
			'Individual',
			{ mode: 'raw', capture: 'recording' },
			[...CHANNEL, 'subscribeUidGroup', 'capture', 'fileFormats', ...EVERY, 'subscriptions'],
			[],
			IN_CHANNEL,
		],
		[
			'Individual with screenshots',
			{ mode: 'raw', capture: 'both' },
			[
				...[...CHANNEL, 'subscribeUidGroup', 'capture', 'captureInterval', 'fileFormats', ...EVERY],
				'subscriptions',
			],
			[],
			IN_CHANNEL,
		],
		[
			'Individual with screenshots only',
			{ mode: 'raw', capture: 'screenshots' },
			[...CHANNEL, 'subscribeUidGroup', 'capture', 'captureInterval', ...EVERY, 'subscriptions'],
			[],
			IN_CHANNEL,
		],
		[
			'Individual (Legacy)',
			{ mode: 'individual', capture: 'recording' },
			[...CHANNEL, 'subscribeUidGroup', 'capture', ...EVERY, 'subscriptions'],
			[],
			[...IN_CHANNEL, 'streamMode'],
		],
		[
			'Web Page',
			{ mode: 'web' },
			[
				...['cname', 'mode', 'uidMode', 'url', 'pageSize', 'maxRecordingHour', 'fileFormats'],
				...[...EVERY, 'picture'],
			],
			['bitrate', 'fps'],
			[
				...[...ALWAYS, 'audioProfile', 'maxVideoDuration', 'mobile', 'onhold', 'readyTimeout'],
				'rtmpUrl',
			],
		],
	])('%s', (_, root, fields, picture, options) => {
		const visible = (among: INodeProperties[], values: object) =>
			among
				.filter((field) => displayParameter(values as never, field, null, null, root as never))
				.map(({ name }) => name)
				.toSorted();
		expect(visible(FIELDS, root)).toEqual(fields.toSorted());
		expect(visible(PICTURE, {})).toEqual(picture.toSorted());
		expect(visible(OPTIONS, {})).toEqual(options.toSorted());
	});

	it.each<[string, object, string[]]>([
		['Recorder UID', { mode: 'mix', uidMode: 'specify' }, ['uid']],
		['Decryption Mode', { decryptionMode: 5 }, ['decryptionSecret']],
		['Decryption Mode with salt', { decryptionMode: 7 }, ['decryptionSalt', 'decryptionSecret']],
		['Decryption Mode with salt', { decryptionMode: 8 }, ['decryptionSalt', 'decryptionSecret']],
		['HLS and MP4', { mode: 'mix', fileFormats: 'hlsMp4' }, ['filesNotice']],
		['HLS only', { mode: 'mix', fileFormats: 'hls' }, []],
		['the Custom layout', { mixedVideoLayout: 3 }, ['layoutConfig']],
		['the Vertical layout', { mixedVideoLayout: 2 }, ['maxResolutionUid']],
	])('with %s', (_, values, names) => {
		const isVisible = (field: INodeProperties, given: object) =>
			displayParameter(given as never, field, null, null, { mode: 'mix', ...given } as never);
		const added = ALL.filter(
			(field) => isVisible(field, values) && !isVisible(field, { mode: 'mix' }),
		);
		expect(added.map(({ name }) => name).toSorted()).toEqual(names);
	});
});

describe('the editor', () => {
	it('has a field once, except for File Formats, and options in alphabetical order', () => {
		const names = inputs(ALL).map(({ name }) => name);
		expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual(['fileFormats']);
		for (const fields of [OPTIONS, PICTURE]) {
			const labels = fields.map(({ displayName }) => displayName);
			expect(labels).toEqual(labels.toSorted());
		}
	});

	it.each(ALL.map((field) => [field.name, field] as const))('has texts for %s', (_, field) => {
		const { displayName, description, placeholder, hint, type } = field;
		expect(displayName).toMatch(/\S/);
		if (type !== 'notice' && field.name !== 'options') expect(description).toMatch(/\S/);
		for (const text of [placeholder, hint]) if (text !== undefined) expect(text).toMatch(/\S/);
		for (const choice of choicesOf(field)) {
			expect(choice.name).toMatch(/\S/);
			if (choice.description !== undefined) expect(choice.description).toMatch(/\S/);
		}
	});

	it('hides the values of secrets', () => {
		const secrets = ALL.filter(({ typeOptions }) => typeOptions?.password);
		expect(secrets.map(({ name }) => name).toSorted()).toEqual([
			...['decryptionSalt', 'decryptionSecret', 'rtmpUrl', 'token'],
		]);
	});

	it.each(
		ALL.filter(({ type }) => type === 'options').map((field) => [field.name, field] as const),
	)('has a choice for the default of %s', (_, field) => {
		const values = choicesOf(field).map(({ value }) => value);
		expect(values).toContain(field.default);
		expect(new Set(values).size).toBe(values.length);
	});

	it('requires only the channel name', () => {
		expect(ALL.filter(({ required }) => required).map(({ name }) => name)).toEqual(['cname']);
	});
});

describe('docs/reference.md', () => {
	const page = readFileSync(join(__dirname, '../../../../../docs/reference.md'), 'utf8');
	const section = /### Recording · Start\n(.*?)\n### /s.exec(page)![1]!;
	const rows = section
		.split('\n')
		.filter((line) => line.startsWith('| '))
		.map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
	const described = (prefix: string, fields: INodeProperties[]) =>
		inputs(fields).map((field) => [`${prefix}${field.displayName}`, field] as const);

	it.each([
		...described('', FIELDS),
		...described('Options → ', OPTIONS),
		...described('Video Settings → ', PICTURE),
	])('has %s with its default, description and choices', (title, field) => {
		const label = field.required ? `${title} **(required)**` : title;
		const found = rows.filter(
			([, parameter, name]) => parameter === label && name === `\`${field.name}\``,
		);
		const texts = found.map(([, , , , , text]) => text!);
		const { description = '', placeholder, type } = field;
		const parts = [
			description.replace(/\.$/, '').replaceAll('|', '\\|'),
			...choicesOf(field).map(({ name, value }) => `${name} \`${String(value)}\``),
			...(placeholder?.startsWith('e.g. ') ? [`Such as \`${placeholder.slice(5)}\``] : []),
		];
		// File Formats has two rows.
		expect(texts.filter((text) => parts.every((part) => text.includes(part)))).toHaveLength(1);
		const selected = choicesOf(field).find(({ value }) => value === field.default)?.name;
		const shown = {
			...{ boolean: field.default === true ? 'yes' : 'no', options: selected },
			...{ number: `\`${String(field.default)}\``, json: `\`${String(field.default)}\`` },
		};
		const value = found[0]![4];
		expect(value).toBe(shown[type as keyof typeof shown] ?? (type === 'color' ? '`#000000`' : ''));
	});

	it('has the notices', () => {
		for (const { displayName } of FIELDS.filter(({ type }) => type === 'notice')) {
			expect(section).toContain(`> ${displayName}`);
		}
	});
});

describe('the range of', () => {
	const numbers = ALL.filter(({ type }) => type === 'number').map(
		(field) => [field.name, field] as const,
	);

	it.each(numbers.filter(([name]) => name !== 'bitrate'))(
		'%s is in its description',
		(_, field) => {
			const { minValue, maxValue } = field.typeOptions!;
			const format = (value: number) => value.toLocaleString('en-US');
			expect(field.description).toContain(`${format(minValue!)} to ${format(maxValue!)}`);
			expect(field.default).toBeGreaterThanOrEqual(minValue!);
			expect(field.default).toBeLessThanOrEqual(maxValue!);
		},
	);

	it.each(numbers)('%s is the one that Agora accepts', (name, field) => {
		// Agora doesn't know Token Lifetime. The frame rate of a page has another range than that of the field.
		const checks = SETTINGS.filter(
			({ agora, field: own }) =>
				(own?.name ?? agora.split('.')[1]) === name && agora !== 'page.videoFps',
		);
		if (name !== 'tokenHours') expect(checks.length).toBeGreaterThan(0);
		for (const { check, must } of checks) {
			const { minValue, maxValue } = field.typeOptions!;
			expect(check(minValue)).toBe(true);
			expect(check(minValue! - 1)).toBe(false);
			expect(check(minValue! + 0.5)).toBe(false);
			expect(check(String(minValue))).toBe(false);
			if (maxValue === undefined) continue;
			expect(check(maxValue)).toBe(true);
			expect(check(maxValue + 1)).toBe(false);
			expect(must).toContain(`from ${minValue} to ${maxValue}`);
		}
	});
});

describe('the choices of', () => {
	const settings = SETTINGS.filter(({ field }) => field?.type === 'options');

	it.each(settings.map((setting) => [setting.agora, setting] as const))(
		'%s are values that Agora accepts',
		(_, { check, field }) => {
			for (const { value } of choicesOf(field as unknown as INodeProperties)) {
				expect(check(value)).toBe(true);
			}
			for (const value of [undefined, null, '', -1, 99, 'x']) expect(check(value)).toBe(false);
		},
	);

	it('Size have a bitrate', () => {
		const sizes = choicesOf(PICTURE.find(({ name }) => name === 'videoSize')!);
		expect(Object.keys(BITRATES).toSorted()).toEqual(sizes.map(({ value }) => value).toSorted());
	});
});
