import type { IDataObject } from 'n8n-workflow';
import { isSafeObjectProperty } from 'n8n-workflow';
import { isObject } from '../../../agora/formats';
import { Fault } from '../../../http/errors';
import { readJsonObject } from '../../shared/parameters';
import { SERVICES } from './request';
import { SETTINGS } from './settings';

const FIELD = 'Client Request (JSON)';

/** The content of the field Client Request (JSON). */
export interface GivenRequest {
	/** Settings to merge over those of the fields, without empty values. */
	settings: IDataObject;
	/** Channel and recorder UID; only if the field contains the whole body of a request. */
	cname?: string;
	uid?: string;
}

/**
 * Reads the field Client Request (JSON): settings of Agora's `start`, or the whole body of a request, as in Agora's
 * examples (`{ "cname", "uid", "clientRequest": { … } }`).
 *
 * @param value a JSON string, or an object from an expression
 * @param allowUnknown whether to pass on settings that Agora does not document
 * @throws Fault when it is not a JSON object, and for the first unknown key, with the most similar known one
 */
export function readClientRequest(value: unknown, allowUnknown: boolean): GivenRequest {
	const { cname, uid, clientRequest, ...outer } = omitEmpty(readJsonObject(value, FIELD));
	const inner =
		clientRequest === undefined
			? {}
			: omitEmpty(readJsonObject(clientRequest, `${FIELD}, clientRequest`));
	const settings = deepMerge(outer, inner);
	checkKeys(settings, KNOWN_KEYS, '', allowUnknown);
	return {
		settings,
		...(cname !== undefined && { cname: String(cname) }),
		...(uid !== undefined && { uid: String(uid).trim() }),
	};
}

/**
 * Removes empty values, so that they don't replace a token or storage settings that the node generates. Agora's own
 * examples contain empty lists.
 */
function omitEmpty(object: IDataObject): IDataObject {
	const kept: IDataObject = {};
	for (const [key, value] of Object.entries(object)) {
		if (!isSafeObjectProperty(key)) continue;
		const inner = isObject(value) ? omitEmpty(value as IDataObject) : value;
		if (!isEmpty(inner)) kept[key] = inner as IDataObject;
	}
	return kept;
}

function isEmpty(value: unknown): boolean {
	if (value === null) return true;
	if (typeof value === 'string') return value.trim() === '';
	return typeof value === 'object' && Object.keys(value).length === 0;
}

/**
 * Merges one object over another, including nested objects. Lists are replaced as a whole.
 *
 * @returns a new object, without keys that would change a prototype
 */
export function deepMerge(base: IDataObject, over: IDataObject): IDataObject {
	const merged: IDataObject = { ...base };
	for (const [key, value] of Object.entries(over)) {
		if (!isSafeObjectProperty(key)) continue;
		const current = merged[key];
		merged[key] = isObject(value)
			? deepMerge(isObject(current) ? (current as IDataObject) : {}, value as IDataObject)
			: value;
	}
	return merged;
}

/** Known keys of an object, or of the objects in a list, with their own known keys. Empty if any key is allowed. */
interface KeyTree {
	[key: string]: KeyTree;
}

const REGION_KEYS = ['uid', 'x_axis', 'y_axis', 'width', 'height', 'alpha', 'render_mode'];
const IMAGE_KEYS = ['uid', 'image_url', 'render_mode'];

/** Paths of `start` that no setting has: the node sets them itself, and Agora no longer documents the last two. */
const OTHER_PATHS = [
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

const KNOWN_KEYS = treeOf([
	...SETTINGS.map(({ agora }) => agora)
		.filter((path) => !path.startsWith('acquire.'))
		.map((path) =>
			path.replace(/^(page|push)(?=\.)/, (_, name: 'page' | 'push') => pathOfService(name)),
		),
	...OTHER_PATHS,
]);

function pathOfService(service: keyof typeof SERVICES): string {
	return `extensionServiceConfig.extensionServices.serviceParam.${SERVICES[service]}`;
}

function treeOf(paths: string[]): KeyTree {
	const tree: KeyTree = {};
	for (const path of paths) {
		let node = tree;
		for (const key of path.split('.')) node = node[key] ??= {};
	}
	return tree;
}

/** Messages contain at most so many characters of a key. */
const MAX_NAME = 80;
/** Keys that contain a secret or choose a bucket. Only allowed where Agora documents them. */
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
		const children = known[key] ?? {};
		const isParam = key === 'serviceParam' && !isAny;
		const ofService = isParam ? (children[String(value.serviceName)] ?? {}) : children;
		checkKeys(inner, ofService, `${path}${key}.`, allowUnknown);
	}
}

/** Agora ignores unknown services and their parameters. */
function checkService(name: unknown): void {
	const names = Object.values(SERVICES);
	if (names.includes(String(name))) return;
	throw new Fault(`"${String(name).slice(0, MAX_NAME)}" is not one of Agora's services`, {
		description: `Set serviceName in "${FIELD}" to ${names.join(' or ')}. If Agora has added this service since, turn on Options > Allow Unknown Settings.`,
	});
}

function unknownKey(key: string, path: string, known: KeyTree): Fault {
	const parent = path === '' ? '' : ` in ${path.slice(0, -1)}`;
	const name = key.slice(0, MAX_NAME);
	const reservation = SETTINGS.find(({ agora }) => agora === `acquire.${key}`);
	if (reservation !== undefined || key === 'scene') {
		return new Fault(`"${key}" is not a setting of Agora's start request`, {
			description: `It belongs to acquire. Remove it from "${FIELD}", and set "${reservation === undefined ? 'Recording Mode' : `${reservation.label}" under "Options`}" instead.`,
		});
	}
	const parents = parentsOf(key, KNOWN_KEYS);
	if (parents.length > 0) {
		return new Fault(`"${name}" is in the wrong place${parent}: Agora would ignore it`, {
			description: `In "${FIELD}", move it to ${parents.join(' or ')}.`,
		});
	}
	const similar = mostSimilar(name, Object.keys(known));
	return new Fault(`"${name}"${parent} is not one of Agora's settings`, {
		description: `${similar === null ? '' : `Did you mean "${similar}"? `}Correct it in "${FIELD}". If Agora has added this setting since, turn on Options > Allow Unknown Settings.`,
	});
}

/** @returns the paths of all objects that can have the key */
function parentsOf(key: string, tree: KeyTree, path: string[] = []): string[] {
	return Object.entries(tree).flatMap(([name, children]) => [
		...(name === key ? [path.join('.') || 'the top level'] : []),
		...parentsOf(key, children, [...path, name]),
	]);
}

/**
 * @param candidates at least one
 * @returns the key with the fewest differences, null when none is similar
 */
function mostSimilar(key: string, candidates: string[]): string | null {
	const normalize = (text: string) => text.replaceAll('_', '').toLowerCase();
	const ranked = candidates
		.map((candidate) => ({ candidate, edits: editDistance(normalize(key), normalize(candidate)) }))
		.sort((a, b) => a.edits - b.edits);
	const best = ranked[0]!;
	return best.edits <= Math.max(2, key.length / 3) ? best.candidate : null;
}

/** Levenshtein distance: how many letters to insert, delete or replace. */
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
