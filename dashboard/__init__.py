"""The multi-page Streamlit application and its HTTP and WebSocket routes."""
