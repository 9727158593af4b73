import { testStorage } from './conformance.ts';
import { stubWith } from './servers/stub.ts';
import { noobaaFiles } from './stubs/quirks.ts';

testStorage('like NooBaa on files', stubWith('like NooBaa on files', noobaaFiles));
