import { testStorage } from './conformance.ts';
import { useEndpoint } from './servers/endpoint.ts';

testStorage('Your own endpoint', useEndpoint);
