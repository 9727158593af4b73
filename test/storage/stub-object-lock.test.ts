import { testStorage } from './conformance.ts';
import { stubWith } from './servers/stub.ts';
import { objectLock } from './stubs/quirks.ts';

testStorage(
	'with Object Lock',
	stubWith('with Object Lock', objectLock, {
		Stop: "the sandbox's recorder uploads without the checksum that Object Lock demands",
	}),
);
