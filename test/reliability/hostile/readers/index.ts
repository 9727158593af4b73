import { agoraAnswerReader } from './agoraAnswer.ts';
import { clientRequestReader } from './clientRequest.ts';
import { diskNameReader } from './diskName.ts';
import { fileNameReader } from './fileName.ts';
import { azureListingReader, olderListingReader, s3ListingReader } from './listing.ts';
import { downloadsReader, playlistReader } from './playlist.ts';
import { sessionIndexReader, sessionRecordReader } from './sessionRecord.ts';
import { triggerStateReader } from './triggerState.ts';

/** All readers of what others wrote, by the name under which they are tried; the slowest first. */
export const READERS = {
	s3Listing: s3ListingReader,
	azureListing: azureListingReader,
	olderListing: olderListingReader,
	fileName: fileNameReader,
	playlist: playlistReader,
	downloads: downloadsReader,
	diskName: diskNameReader,
	sessionRecord: sessionRecordReader,
	sessionIndex: sessionIndexReader,
	triggerState: triggerStateReader,
	agoraAnswer: agoraAnswerReader,
	clientRequest: clientRequestReader,
};

export type ReaderName = keyof typeof READERS;
export const READER_NAMES = Object.keys(READERS) as ReaderName[];
