"""What the head and its gateways say to each other, without I/O: frames, messages, channel.

``docs/protocol.md`` describes it for all who want to take part; tests hold it and the tables
here together.  Modules of this room are shipped to gateways: they import ``errors`` only.
"""
