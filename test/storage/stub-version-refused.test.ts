import { testStorage } from './conformance.ts';
import { stubWith } from './servers/stub.ts';
import { listV2Refused } from './stubs/quirks.ts';

const REASON = "the suite's own client lists with ListObjectsV2";

testStorage(
	'refuses ListObjectsV2',
	stubWith('refuses ListObjectsV2', listV2Refused(501), {
		'Start, session record': REASON,
		Stop: REASON,
	}),
);
