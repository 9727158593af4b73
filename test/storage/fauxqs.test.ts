import { testStorage } from './conformance.ts';
import { startFauxqs } from './servers/fauxqs.ts';

testStorage('fauxqs', startFauxqs);
