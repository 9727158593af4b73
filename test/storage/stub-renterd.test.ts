import { testStorage } from './conformance.ts';
import { stubWith } from './servers/stub.ts';
import { renterd } from './stubs/quirks.ts';

testStorage('like Sia renterd', stubWith('like Sia renterd', renterd));
