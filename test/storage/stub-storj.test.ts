import { testStorage } from './conformance.ts';
import { stubWith } from './servers/stub.ts';
import { storj } from './stubs/quirks.ts';

testStorage('like Storj', stubWith('like Storj', storj));
