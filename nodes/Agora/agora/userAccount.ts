import { hasNameCharacters } from './channelName';

const MAX_LENGTH = 255;

/**
 * Whether a user of an RTC channel can have this account: 1 to 255 characters, those of channel names (Agora:
 * RTC SDK, string user accounts). `0` is none: a token for it would be good for any user.
 */
export function isUserAccount(text: string): boolean {
	return text.length <= MAX_LENGTH && hasNameCharacters(text) && text !== '0';
}
