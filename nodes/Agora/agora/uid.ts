/** Agora: UIDs have 32 bits. */
export const MAX_UID = 4_294_967_295;

/** Whether a text is the UID of one user, 1 to 4294967295, without leading zeros. */
export function isUid(text: string): boolean {
	return /^[1-9]\d{0,9}$/.test(text) && Number(text) <= MAX_UID;
}
