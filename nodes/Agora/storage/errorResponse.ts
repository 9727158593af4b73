import type { HttpResponse } from '../http/request';
import type { StorageTarget } from './types';
import { decodeEntities } from './xml';

/** @returns the trimmed text of the first element with this name, '' if there is none */
export function element({ body }: HttpResponse, name: string): string {
	const text = new RegExp(`<${name}>([^<]{0,2000})</${name}>`).exec(body)?.[1] ?? '';
	return decodeEntities(text).trim();
}

/** @returns the code of an error, e.g. NoSuchKey, from `<Code>` or Azure's header; '' if there is none */
export function errorCode(response: HttpResponse): string {
	const code = element(response, 'Code') || (response.headers['x-ms-error-code'] ?? '');
	return /^[\w.-]{1,100}$/.test(code) ? code : '';
}

/**
 * The vendor's message, without the names of user and object, which could match any pattern. To be searched but never
 * shown, as vendors quote keys and signatures in it.
 */
export function vendorMessage(response: HttpResponse): string {
	const message = `${element(response, 'Message')} ${element(response, 'Details')}`;
	return message.replace(/\barn:[\w-]*:s3:\S*|\bUser: \S*/g, '');
}

// Only names that match these patterns are shown, which keys and signatures do not match.

const REGION = /^[a-z][a-z\d]{0,14}(?:-[a-z\d]{1,14}){0,4}$/;
const HOST =
	/^(?=.{1,100}$)[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)+(?::\d{1,5})?$/;
const PERMISSION =
	/\b((?:s3|kms|oss):(?:[A-Z][a-z]{1,15}){1,6}|storage\.(?:objects|buckets)\.[a-z]{3,10})\b/;
/** Joined words, such as MalformedXMLBody. */
const CODE = /^(?:[A-Z]{1,4}[a-z]{1,20}){1,8}$/;

/** Captures the region of a vendor's host, e.g. `s3.eu-west-1.amazonaws.com`. */
const REGION_IN_HOST =
	/^(?:(?:s3|cos|obs)[.-])?(?:oss-)?([a-z]{2}[a-z\d]*(?:-[a-z\d]+)*?)(?:-internal)?\.(?:amazonaws\.com|aliyuncs\.com|myqcloud\.com|myhuaweicloud\.com|bcebos\.com|wasabisys\.com|backblazeb2\.com|digitaloceanspaces\.com|scw\.cloud|io\.cloud\.ovh\.net)(?:\.cn)?$/;

/** @returns the code of an error if it can be shown */
export function shownCode(response: HttpResponse): string | undefined {
	const code = errorCode(response);
	return CODE.test(code) ? code : undefined;
}

/** @returns the permission that the vendor names as missing, e.g. s3:GetObject */
export function deniedPermission(response: HttpResponse): string | undefined {
	return PERMISSION.exec(vendorMessage(response))?.[1];
}

/** @returns the host to use instead, without the bucket; undefined if the response names none, or the current one */
export function suggestedHost(
	response: HttpResponse,
	{ bucket, endpoint }: StorageTarget,
): string | undefined {
	const { location = '' } = response.headers;
	const redirect = URL.canParse(location) ? new URL(location).host : '';
	const suggested = element(response, 'Endpoint').replace(/^https?:\/\//i, '') || redirect;
	const host = suggested.replace(/\/.*$/s, '').toLowerCase();
	const bucketPrefix = `${bucket.toLowerCase()}.`;
	const withoutBucket = host.startsWith(bucketPrefix) ? host.slice(bucketPrefix.length) : host;
	return HOST.test(withoutBucket) && withoutBucket !== endpoint.toLowerCase()
		? withoutBucket
		: undefined;
}

/** @returns the region to use instead; undefined if the response names none, or the current one */
export function suggestedRegion(response: HttpResponse, target: StorageTarget): string | undefined {
	const message = vendorMessage(response);
	return [
		response.headers['x-amz-bucket-region'],
		element(response, 'Region'),
		// MinIO: "the region is wrong; expecting 'eu-west-1'".
		/expecting '([^']{1,50})'/.exec(message)?.[1],
		// Garage: "unexpected scope: '…', expected: '20261128/garage/s3/aws4_request'".
		/expected: '?\d{8}\/([^/]{1,50})\/s3\//.exec(message)?.[1],
		// Cloudflare R2: "Must be one of: wnam, enam, …, auto".
		/must be one of:.{0,200}\bauto\b/i.test(message) ? 'auto' : undefined,
		REGION_IN_HOST.exec(suggestedHost(response, target) ?? '')?.[1],
	].find((region) => region !== undefined && REGION.test(region) && region !== target.region);
}

/**
 * Whether two hosts belong to the same domain. An error message must not recommend another company's server, whatever
 * the response suggests.
 */
export function isSameOwner(host: string, endpoint: string): boolean {
	const domain = (name: string) => {
		const withoutPort = name.toLowerCase().replace(/:\d+$/, '');
		const isIpAddress = /^[\d.]+$/.test(withoutPort);
		if (isIpAddress) return withoutPort;
		const labels = withoutPort.split('.');
		// In s3.example.co.uk, the domain is the last three labels.
		return labels.slice((labels.at(-2) ?? '').length > 3 ? -2 : -3).join('.');
	};
	return domain(host) === domain(endpoint);
}

export function isWebPage({ headers, body }: HttpResponse): boolean {
	return (
		/^text\/html/i.test(headers['content-type'] ?? '') || /^\s*<(?:!doctype )?html\b/i.test(body)
	);
}
