import { element } from './xml.ts';

/** An error response of S3: a status, and XML with `Code`, `Message` and further elements. */
export class S3Error extends Error {
	readonly status: number;
	readonly elements: Record<string, string>;
	readonly headers: Record<string, string>;

	/**
	 * @param elements children of `<Error>` in their order
	 * @param headers of the response
	 */
	constructor(
		status: number,
		elements: Record<string, string>,
		headers: Record<string, string> = {},
	) {
		super(`${status} ${elements.Code}`);
		this.status = status;
		this.elements = elements;
		this.headers = headers;
	}

	toXml(): string {
		const children = Object.entries(this.elements).map(([name, text]) => element(name, text));
		return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${children.join('')}</Error>`;
	}
}

/** @param more elements after `Message` (Amazon S3 API reference, Error responses) */
export function s3Error(
	status: number,
	Code: string,
	Message: string,
	more: Record<string, string> = {},
	headers?: Record<string, string>,
): S3Error {
	return new S3Error(status, { Code, Message, ...more }, headers);
}

export const USER = 'arn:aws:iam::111122223333:user/agora';

/**
 * The error of AWS for a user whose policies do not allow an action. Since 2024 the message names the action
 * and the resource (Amazon S3 User Guide, Troubleshoot access denied errors).
 */
export function notAuthorized(action: string, resource: string): S3Error {
	return s3Error(
		403,
		'AccessDenied',
		`User: ${USER} is not authorized to perform: ${action} on resource: "arn:aws:s3:::${resource}" because no identity-based policy allows the ${action} action`,
	);
}

/** AccessDenied without a reason, as AWS sends to unknown callers and to other accounts. */
export function accessDenied(message = 'Access Denied'): S3Error {
	return s3Error(403, 'AccessDenied', message);
}

export function noSuchKey(key: string): S3Error {
	return s3Error(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key });
}

export function notImplemented(
	message = 'A header you provided implies functionality that is not implemented',
): S3Error {
	return s3Error(501, 'NotImplemented', message);
}

export function invalidArgument(message: string, name: string, value: string): S3Error {
	return s3Error(400, 'InvalidArgument', message, { ArgumentName: name, ArgumentValue: value });
}
