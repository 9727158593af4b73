import { testStorage } from './conformance.ts';
import { stubWith } from './servers/stub.ts';
import { minio } from './stubs/quirks.ts';

testStorage('like MinIO, no cache', stubWith('like MinIO, no cache', minio('newToken')));
