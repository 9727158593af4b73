import { testStub } from './conformance.ts';
import {
	delimiterIgnored,
	listV2Refused,
	objectLock,
	olderListingOnly,
	startAfterIgnored,
} from './stubs/quirks.ts';

const NEEDS_V2 = "the suite's own client lists with ListObjectsV2";

testStub('like older S3 APIs', olderListingOnly);
testStub('without ListObjectsV2', listV2Refused(501), {
	'Start, session record': NEEDS_V2,
	Stop: NEEDS_V2,
});
testStub('without delimiter and start-after', [delimiterIgnored, startAfterIgnored]);
testStub('with Object Lock', objectLock, {
	Stop: "the sandbox's recorder uploads without the checksum that Object Lock requires",
});
