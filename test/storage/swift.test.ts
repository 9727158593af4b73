import { testStorage } from './conformance.ts';
import { startSwift } from './servers/swift.ts';

testStorage('OpenStack Swift', startSwift);
