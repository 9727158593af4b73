const CHARACTERS = /^[\w !#$%&()+\-:;<=.>?@[\]^{|}~,]+$/;
const MAX_LENGTH = 64;

/** What channel names and user accounts are made of, in words. Source: Agora, RTC SDK, joining a channel. */
export const NAME_CHARACTERS =
	'a-z, A-Z, 0-9, space and ! # $ % & ( ) + - : ; < = . > ? @ [ ] ^ _ { | } ~ ,';

/** @returns whether a text has these characters only, and at least one */
export function hasNameCharacters(text: string): boolean {
	return CHARACTERS.test(text);
}

/** @returns whether an RTC channel can have this name: 1 to 64 of these characters */
export function isChannelName(text: string): boolean {
	return text.length <= MAX_LENGTH && hasNameCharacters(text);
}
