"""The live view: camera files in, frames out over a WebSocket, drawn by the viewer in the page."""
