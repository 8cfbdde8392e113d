r"""What no text of one line may hold: names, ids, whatever comes to stand in a table, a mail's subject, a log.

Control characters, line breaks (U+2028 and U+2029 are some), and what turns the direction of the text after it around (Unicode's
UAX #9: embeddings, overrides, isolates), by which a name is read as another one. Marks of direction (U+200E, U+200F) only concern
themselves: names in Arabic and Hebrew have them.
"""

import re

BARRED = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"  # inside the brackets of a regular expression, Python's or JavaScript's
ONE_BARRED = re.compile(f"[{BARRED}]")
