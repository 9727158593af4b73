import type { IDataObject } from 'n8n-workflow';
import { isSafeObjectProperty } from 'n8n-workflow';
import { isObject } from '../../../agora/formats';
import { Fault } from '../../../http/errors';
import { readJsonObject } from '../../shared/parameters';
import { SERVICES } from './request';
import { SETTINGS } from './settings';

const FIELD = 'Client Request (JSON)';

/** What the field Client Request (JSON) contains. */
export interface GivenRequest {
	/** Settings to merge over those of the fields, without empty ones. */
	settings: IDataObject;
	/** Channel and recorder UID of a whole body; absent where only its settings were given. */
	cname?: string;
	uid?: string;
}

/**
 * Reads the field Client Request (JSON): settings of Agora's `start`, or the whole body around them, as it is found in
 * examples (`{ "cname", "uid", "clientRequest": { … } }`).
 *
 * @param value text, or an object from an expression
 * @param allowUnknown whether settings that Agora does not document are passed on
 * @throws Fault when it is not JSON, or for the first key that Agora does not know, with the nearest one that it does
 */
export function readClientRequest(value: unknown, allowUnknown: boolean): GivenRequest {
	const { cname, uid, clientRequest, ...beside } = withoutEmpty(readJsonObject(value, FIELD));
	const inner =
		clientRequest === undefined
			? {}
			: withoutEmpty(readJsonObject(clientRequest, `${FIELD}, clientRequest`));
	const settings = deepMerge(beside, inner);
	checkKeys(settings, KNOWN, '', allowUnknown);
	return {
		settings,
		...(cname !== undefined && { cname: String(cname) }),
		...(uid !== undefined && { uid: String(uid).trim() }),
	};
}

/**
 * Empty values say nothing: they must not replace a token or a storage that the node made, and Agora's own examples
 * contain empty lists.
 */
function withoutEmpty(object: IDataObject): IDataObject {
	const kept: IDataObject = {};
	for (const [key, value] of Object.entries(object)) {
		if (!isSafeObjectProperty(key)) continue;
		const inner = isObject(value) ? withoutEmpty(value as IDataObject) : value;
		if (!isEmpty(inner)) kept[key] = inner as IDataObject;
	}
	return kept;
}

function isEmpty(value: unknown): boolean {
	if (value === null || value === undefined) return true;
	if (typeof value === 'string') return value.trim() === '';
	return typeof value === 'object' && Object.keys(value).length === 0;
}

/**
 * Merges one object over another, including objects inside objects; lists are replaced as a whole.
 *
 * @returns a new object. Keys that would reach an object's prototype are left out.
 */
export function deepMerge(base: IDataObject, over: IDataObject): IDataObject {
	const merged: IDataObject = { ...base };
	for (const [key, value] of Object.entries(over)) {
		if (!isSafeObjectProperty(key)) continue;
		const below = merged[key];
		merged[key] = isObject(value)
			? deepMerge(isObject(below) ? (below as IDataObject) : {}, value as IDataObject)
			: value;
	}
	return merged;
}

/** The keys that Agora knows in an object, or in the objects of a list, and those below them. None: any key will do. */
interface KeyTree {
	[key: string]: KeyTree;
}

const REGION_KEYS = ['uid', 'x_axis', 'y_axis', 'width', 'height', 'alpha', 'render_mode'];
const IMAGE_KEYS = ['uid', 'image_url', 'render_mode'];

/** Keys of `start` that no setting has: those that the node itself fills in, and two that Agora no longer documents. */
const MORE_PATHS = [
	'token',
	...['vendor', 'region', 'bucket', 'accessKey', 'secretKey', 'stsToken', 'stsExpiration'].map(
		(key) => `storageConfig.${key}`,
	),
	'storageConfig.extensionParams.endpoint',
	'extensionServiceConfig.errorHandlePolicy',
	'extensionServiceConfig.extensionServices.serviceName',
	'extensionServiceConfig.extensionServices.errorHandlePolicy',
	...REGION_KEYS.map((key) => `recordingConfig.transcodingConfig.layoutConfig.${key}`),
	...IMAGE_KEYS.map((key) => `recordingConfig.transcodingConfig.backgroundConfig.${key}`),
	`${pathOfService('push')}.outputs.rtmpUrl`,
	'appsCollection',
	'transcodeOptions',
];

const KNOWN = treeOf([
	...SETTINGS.map(({ agora }) => agora)
		.filter((path) => !path.startsWith('acquire.'))
		.map((path) =>
			path.replace(/^(page|push)(?=\.)/, (_, name: 'page' | 'push') => pathOfService(name)),
		),
	...MORE_PATHS,
]);

function pathOfService(service: keyof typeof SERVICES): string {
	return `extensionServiceConfig.extensionServices.serviceParam.${SERVICES[service]}`;
}

function treeOf(paths: string[]): KeyTree {
	const tree: KeyTree = {};
	for (const path of paths) {
		let place = tree;
		for (const key of path.split('.')) place = place[key] ??= {};
	}
	return tree;
}

/** As much of a key goes into a message. */
const MAX_NAME = 80;
/** Keys that would carry a secret or choose a bucket, wherever they are. */
const STORAGE_KEYS = ['accessKey', 'secretKey', 'stsToken', 'bucket'];

function checkKeys(value: unknown, known: KeyTree, path: string, allowUnknown: boolean): void {
	if (Array.isArray(value)) {
		for (const each of value) checkKeys(each, known, path, allowUnknown);
		return;
	}
	if (!isObject(value)) return;
	const isAny = Object.keys(known).length === 0;
	for (const [key, inner] of Object.entries(value)) {
		const isKnown = isAny || Object.hasOwn(known, key);
		if (!isKnown && (!allowUnknown || STORAGE_KEYS.includes(key))) {
			throw unknownKey(key, path, known);
		}
		if (key === 'serviceName' && !isAny && !allowUnknown) checkService(inner);
		const below = known[key] ?? {};
		const isParam = key === 'serviceParam' && !isAny;
		const ofService = isParam ? (below[String(value.serviceName)] ?? {}) : below;
		checkKeys(inner, ofService, `${path}${key}.`, allowUnknown);
	}
}

/** Agora would ignore a service that it does not know, and all that is in it. */
function checkService(name: unknown): void {
	const names = Object.values(SERVICES);
	if (names.includes(String(name))) return;
	throw new Fault(`"${String(name).slice(0, MAX_NAME)}" is not a service that Agora knows`, {
		description: `serviceName in "${FIELD}" can be ${names.join(' or ')}. If Agora has added this one, turn on Options > Allow Unknown Settings.`,
	});
}

function unknownKey(key: string, path: string, known: KeyTree): Fault {
	const place = path === '' ? '' : ` in ${path.slice(0, -1)}`;
	const name = key.slice(0, MAX_NAME);
	const reservation = SETTINGS.find(({ agora }) => agora === `acquire.${key}`);
	if (reservation !== undefined || key === 'scene') {
		return new Fault(`"${key}" is not a setting of Agora's start request`, {
			description: `It belongs to acquire. Remove it from "${FIELD}", and set "${reservation === undefined ? 'Recording Mode' : `${reservation.label}" under "Options`}" instead.`,
		});
	}
	const elsewhere = placesOf(key, KNOWN);
	if (elsewhere.length > 0) {
		return new Fault(`"${name}" is in the wrong place${place}: Agora would ignore it`, {
			description: `In "${FIELD}", move it to ${elsewhere.join(' or ')}.`,
		});
	}
	const nearest = nearestOf(name, Object.keys(known));
	return new Fault(`"${name}"${place} is not a setting that Agora knows`, {
		description: `${nearest === null ? '' : `Did you mean "${nearest}"? `}Correct it in "${FIELD}". If Agora has added this setting, turn on Options > Allow Unknown Settings.`,
	});
}

/** @returns the paths of all objects that have a key */
function placesOf(key: string, tree: KeyTree, path: string[] = []): string[] {
	return Object.entries(tree).flatMap(([name, below]) => [
		...(name === key ? [path.join('.') || 'the top level'] : []),
		...placesOf(key, below, [...path, name]),
	]);
}

/** @returns the key with the fewest differences, null when none is similar */
function nearestOf(key: string, candidates: string[]): string | null {
	const plain = (text: string) => text.replaceAll('_', '').toLowerCase();
	const ranked = candidates
		.map((candidate) => ({ candidate, edits: editDistance(plain(key), plain(candidate)) }))
		.sort((a, b) => a.edits - b.edits);
	const best = ranked[0];
	return best !== undefined && best.edits <= Math.max(2, key.length / 3) ? best.candidate : null;
}

/** How many letters to insert, delete or replace (Levenshtein). */
function editDistance(from: string, to: string): number {
	let row = Array.from({ length: to.length + 1 }, (_, i) => i);
	for (const [i, letter] of [...from].entries()) {
		const next = [i + 1];
		for (const [j, other] of [...to].entries()) {
			next.push(Math.min(row[j]! + Number(letter !== other), row[j + 1]! + 1, next[j]! + 1));
		}
		row = next;
	}
	return row[to.length]!;
}
