import { testStorage } from './conformance.ts';
import { startCeph } from './servers/ceph.ts';

testStorage('Ceph RGW', startCeph);
