import { testStorage } from './conformance.ts';
import { stubWith } from './servers/stub.ts';
import { supabase } from './stubs/quirks.ts';

testStorage('like Supabase', stubWith('like Supabase', supabase));
