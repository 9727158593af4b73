import type { FaultCause } from '../http/fault';
import { Fault } from '../http/fault';
import type { Answer } from '../http/send';
import { retryAfterMs } from '../http/send';

export interface Meaning {
	/** What happened, after the bucket's name. */
	says: string;
	/** What to do. */
	todo: string;
	cause: FaultCause;
}

export const IN_CREDENTIAL = 'in the Agora Recording Storage API credential';

const WRONG_REGION: Meaning = {
	says: 'is in another region than the one chosen',
	todo: `Choose the bucket’s own region ${IN_CREDENTIAL}; the storage console shows it beside the bucket.`,
	cause: 'configuration-invalid',
};
export const TOO_MANY: Meaning = {
	says: 'gets too many requests at the moment',
	todo: 'Try again in a minute, or list less often.',
	cause: 'rate-limited',
};
export const UNAVAILABLE: Meaning = {
	says: 'is not available at the moment',
	todo: 'Nothing is wrong with the workflow. Try again in a few minutes.',
	cause: 'temporarily-unavailable',
};

export const CLOCK_IS_WRONG: Meaning = {
	says: 'refuses the request because of its time',
	todo: 'The clock of the machine that runs n8n is wrong by more than 15 minutes. Set it right.',
	cause: 'configuration-invalid',
};
const IN_HOST_ONLY: Meaning = {
	says: 'takes its name in the host only',
	todo: `Choose Virtual-Hosted under Addressing ${IN_CREDENTIAL}.`,
	cause: 'configuration-invalid',
};
const KEYS_ENDED: Meaning = {
	says: 'says that the temporary keys have ended',
	todo: `Put new ones into Access Key, Secret Key and Session Token ${IN_CREDENTIAL}.`,
	cause: 'credential-invalid',
};

/** HTTP 401, which some storage answers in the place of a code of its own. */
const NOT_ACCEPTED: Meaning = {
	says: 'does not accept these keys',
	todo: `Check Access Key, Secret Key and what else proves who you are ${IN_CREDENTIAL}.`,
	cause: 'credential-invalid',
};

/** The error codes of the S3 API that a person can act on (Amazon S3: error responses). */
const MEANINGS = new Map<string, Meaning>(
	Object.entries({
		AccessDenied: {
			says: 'refuses this access key',
			todo: 'Let the key list the bucket (s3:ListBucket), read its objects (s3:GetObject) and write them (s3:PutObject).',
			cause: 'credential-invalid',
		},
		InvalidAccessKeyId: {
			says: 'does not know this access key',
			todo: `Check Access Key ${IN_CREDENTIAL}. It may have been deleted or belong to another vendor.`,
			cause: 'credential-invalid',
		},
		SignatureDoesNotMatch: {
			says: 'does not accept the signature',
			todo: `Check Secret Key ${IN_CREDENTIAL}: it must be the one that belongs to the access key.`,
			cause: 'credential-invalid',
		},
		NoSuchBucket: {
			says: 'does not exist',
			todo: `Check bucket, region and endpoint ${IN_CREDENTIAL}.`,
			cause: 'configuration-invalid',
		},
		PermanentRedirect: WRONG_REGION,
		TemporaryRedirect: WRONG_REGION,
		AuthorizationHeaderMalformed: WRONG_REGION,
		IllegalLocationConstraintException: WRONG_REGION,
		// Of Tencent Cloud and Alibaba Cloud.
		PathStyleDomainForbidden: IN_HOST_ONLY,
		SecondLevelDomainForbidden: IN_HOST_ONLY,
		RequestTimeTooSkewed: CLOCK_IS_WRONG,
		ExpiredToken: KEYS_ENDED,
		InvalidToken: {
			says: 'does not accept the session token',
			todo: `Check Session Token ${IN_CREDENTIAL}: it must be the one that came with the access key and the secret key. Leave it empty for lasting keys.`,
			cause: 'credential-invalid',
		},
		RequestExpired: {
			says: 'takes the request for an old one',
			todo: `Either the temporary keys ${IN_CREDENTIAL} have ended, or the clock of the machine that runs n8n is wrong.`,
			cause: 'credential-invalid',
		},
		SlowDown: TOO_MANY,
		TooManyRequests: TOO_MANY,
		InternalError: UNAVAILABLE,
		ServiceUnavailable: UNAVAILABLE,
	}),
);

/**
 * @returns the `<Code>` of an S3 error answer, e.g. NoSuchKey; '' for an answer that has none
 */
export function errorCode({ body }: Answer): string {
	return /<Code>\s*([\w.-]{1,100})\s*<\/Code>/.exec(body)?.[1] ?? '';
}

/**
 * Puts an error answer of the storage into words a person can act on. Never repeats what the storage
 * says about keys and signatures, so none can slip out.
 *
 * @param bucket its name
 */
export function storageFault(answer: Answer, bucket: string): Fault {
	const code = errorCode(answer);
	return faultOf(answer, `The bucket “${bucket}”`, MEANINGS.get(code) ?? byStatus(answer, code));
}

/** @param subject what the meaning's sentence is about */
export function faultOf(answer: Answer, subject: string, { says, todo, cause }: Meaning): Fault {
	return new Fault(`${subject} ${says}`, {
		description: todo,
		httpCode: String(answer.status),
		cause,
		retryAfterMs: retryAfterMs(answer),
	});
}

function byStatus({ status }: Answer, code: string): Meaning {
	if (status >= 300 && status < 400) return WRONG_REGION;
	return unknownMeaning(status, code, 'endpoint, addressing and region');
}

/** @param suspects the fields of the credential to look at first */
export function unknownMeaning(status: number, code: string, suspects: string): Meaning {
	if (status === 401) return NOT_ACCEPTED;
	if (status === 429) return TOO_MANY;
	if (status >= 500) return UNAVAILABLE;
	return {
		says: `answered with ${code === '' ? 'an error' : `the error ${code}`} (HTTP ${status})`,
		todo: `Check ${suspects} ${IN_CREDENTIAL}, and look the error up at your storage vendor.`,
		cause: 'configuration-invalid',
	};
}
