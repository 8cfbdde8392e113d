"""The plane's face: three addresses on a tenant's host, served asynchronously, apart from Django.

app.py routes · http.py reads and writes HTTP · requests.py says what may be sent · callers.py knows keys and tenants, memory.py
keeps them for some seconds · room.py bounds what is under way, floods.py who asks for what isn't there · answers.py says
what comes back. The stories are licensing/checkout.py and licensing/leases.py.
"""
