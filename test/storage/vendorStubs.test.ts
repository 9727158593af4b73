import { testStub } from './conformance.ts';
import { minio, noobaaFiles, noobaaStore, renterd, storj, supabase } from './stubs/quirks.ts';

testStub('like MinIO', minio());
testStub('like MinIO, no cache', minio('newToken'));
testStub('like Supabase', supabase);
testStub('like Storj', storj);
testStub('like Sia renterd', renterd);
testStub('like NooBaa on files', noobaaFiles);
testStub("like NooBaa's own store", noobaaStore);
