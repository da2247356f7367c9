"""Where frames come from: RTSP, GStreamer, files, webcams and the demo scene."""
