"""People act from chat: a button or a command becomes the same wish as everywhere, by whoever the chat user is."""
