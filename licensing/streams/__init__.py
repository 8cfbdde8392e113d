"""The tenant's event stream: what happens to its licenses, told as it happens (`GET /api/v1/events/stream`).

position   how far somebody has been told, exactly, although ids do not come in the order of commits
reading    one query for what is new in a tenant's audit log
telling    an entry as an event, for those who may see it
feed       one tenant's streams in this process share one look
stream     one listener: what waits for it, and when it is cut
listening  may it still listen?
bells      who rings when something happened, here and in other processes
app        the address
"""
