import fc from 'fast-check';

export const SID = '38f8e3cfdc474cd56fc1ceba380d7e1a';
export const OTHER_SID = '0123456789abcdef0123456789abcdef';

export const arbitrarySid = fc.constantFrom(SID, SID, OTHER_SID, SID.toUpperCase());
