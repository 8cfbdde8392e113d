"""Forgetting a person, wherever what is kept here names them: on request, for good (docs/privacy.md).

asking.py takes a request down · carrying_out.py does it · places.py says where persons may stand · person.py knows one when it
meets them. What the law and bills need stays, under a pseudonym; of sealed logs see accounts/erasing.py.
"""
