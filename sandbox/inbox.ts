import { errorResponse, type Routes } from './router.ts';

/** A message in the inbox: its text, and any other fields that were posted with it. */
export interface Message {
	text: string;
	/** When it arrived, ISO 8601. */
	at: string;
	[field: string]: unknown;
}

const LIMIT = 500;

/** The inbox to which the demo's workflows post messages, for example that a recording is ready. */
export class Inbox {
	#messages: Message[] = [];

	readonly routes: Routes<{ body: unknown }> = {
		'GET /inbox': () => ({
			status: 200,
			body: INBOX_PAGE,
			headers: { 'content-type': 'text/html; charset=utf-8' },
		}),
		// Oldest first.
		'GET /inbox/messages': () => ({ status: 200, body: this.#messages }),
		'POST /inbox/messages': ({ body }) => this.#add(body),
	};

	clear(): void {
		this.#messages = [];
	}

	#add(message: unknown) {
		const { text } = (message ?? {}) as Partial<Message>;
		if (typeof text !== 'string' || text === '') return errorResponse(400, 'text is required');
		const added: Message = { ...(message as object), text, at: new Date().toISOString() };
		this.#messages = [...this.#messages, added].slice(-LIMIT);
		return { status: 201, body: added };
	}
}

/** The page that shows the inbox. It requests new messages every two seconds. */
const INBOX_PAGE = `<!doctype html>
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
<p id="empty">No messages yet. Messages that a workflow posts appear on this page.</p>
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
