"""`make torture`: dozens of clients at work while everything around them is killed, paused, cut off and filled up; then an audit.

    __main__ ──▶ trial ──▶ house (PostgreSQL, Valkey, two web processes, worker, beat, proxy), clients, disturber
                  └──────▶ auditing (books, replay): what clients were told against what the database says

The promise that is tried: a lease that a client was told of exists, once; no seat is ever sold twice; the ledger says what the
leases say; the same request has the same answer; and everything goes on by itself, without anybody putting anything right.
"""
