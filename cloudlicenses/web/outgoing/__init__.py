"""Messages to systems that are not ours: to judged addresses, signed, from a queue that loses none (docs/decisions/0026).

addresses  where they may go
wire       one request to a stranger
problems   why a message did not arrive, in words
signing    Standard Webhooks signatures
queue      what is due: claimed, sent side by side, written down
"""
