import { testStorage } from './conformance.ts';
import { stubWith } from './servers/stub.ts';
import { delimiterIgnored, startAfterIgnored } from './stubs/quirks.ts';

testStorage(
	'ignores folding and start',
	stubWith('ignores folding and start', [delimiterIgnored, startAfterIgnored]),
);
