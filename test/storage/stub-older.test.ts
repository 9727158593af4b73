import { testStorage } from './conformance.ts';
import { stubWith } from './servers/stub.ts';
import { olderListingOnly } from './stubs/quirks.ts';

testStorage('like older S3 APIs', stubWith('like older S3 APIs', olderListingOnly));
