"""What happens to a tenant's licenses, told as it happens (`GET /api/v1/events/stream`); to a vendor's pages, that something did
(`GET /live`).

position   how far somebody has been told, exactly, although ids do not come in the order of commits
reading    one query for what is new in a tenant's audit log
telling    an entry as an event, for those who may see it
crowd      those who hear the same, in this process, share one look
feed       a tenant's: what is new in its audit log
changes    a vendor's: which kinds of things changed
stream     one listener: what waits for it, and when it is cut
listening  may it still listen?
bells      who rings when something happened, here and in other processes
faces      how a door of Django's lets somebody in
app        the addresses
"""
