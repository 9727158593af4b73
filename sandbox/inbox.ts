/** A message in the inbox: its text, and whatever else was posted with it. */
export interface Message {
	text: string;
	/** ISO 8601, when it came. */
	at: string;
	[more: string]: unknown;
}

const LIMIT = 500;

/** A chat-style inbox: where a workflow of the demo tells people that a recording is ready. */
export class Inbox {
	#messages: Message[] = [];

	/**
	 * Adds a message.
	 *
	 * @throws Error when it is no object with a `text`
	 */
	add(message: unknown): Message {
		const { text } = (message ?? {}) as Partial<Message>;
		if (typeof text !== 'string' || text === '') throw new Error('a message needs a text');
		const added: Message = { ...(message as object), text, at: new Date().toISOString() };
		this.#messages = [...this.#messages, added].slice(-LIMIT);
		return added;
	}

	clear(): void {
		this.#messages = [];
	}

	/** All messages, oldest first. */
	list(): Message[] {
		return this.#messages;
	}
}

/** The page that shows the inbox; it asks for new messages every two seconds. */
export const INBOX_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inbox</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.25rem; }
ol { list-style: none; padding: 0; }
li { margin: 0 0 .75rem; padding: .75rem 1rem; border-radius: .75rem; background: #8882; }
li p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
time { font-size: .8rem; opacity: .7; }
</style>
</head>
<body>
<h1>Inbox</h1>
<p id="empty">Nothing here yet. Messages that a workflow posts appear on this page.</p>
<ol id="messages" aria-live="polite"></ol>
<script>
const list = document.getElementById('messages');
let shown = 0;

function withLinks(text) {
	const paragraph = document.createElement('p');
	for (const part of text.split(/(https?:\\/\\/[^\\s<>"]+)/)) {
		if (!/^https?:/.test(part)) { paragraph.append(part); continue; }
		const link = document.createElement('a');
		link.href = part;
		link.textContent = part.length > 80 ? part.slice(0, 77) + '…' : part;
		paragraph.append(link);
	}
	return paragraph;
}

async function refresh() {
	const messages = await (await fetch('inbox/messages')).json();
	document.getElementById('empty').hidden = messages.length > 0;
	for (const message of messages.slice(shown)) {
		const item = document.createElement('li');
		const time = document.createElement('time');
		time.dateTime = message.at;
		time.textContent = new Date(message.at).toLocaleTimeString();
		item.append(withLinks(message.text), time);
		list.prepend(item);
	}
	shown = messages.length;
}

refresh();
setInterval(() => refresh().catch(() => {}), 2000);
</script>
</body>
</html>
`;
