import { testStorage } from './conformance.ts';
import { stubWith } from './servers/stub.ts';
import { noobaaStore } from './stubs/quirks.ts';

testStorage('like NooBaa’s own store', stubWith('like NooBaa’s own store', noobaaStore));
