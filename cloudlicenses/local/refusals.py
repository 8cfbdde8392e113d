"""The one way to give up here: a sentence that says what is wrong and what to do about it."""


class CannotRun(Exception):
    """Nothing can be started; the message is all that the person at the terminal is shown."""
