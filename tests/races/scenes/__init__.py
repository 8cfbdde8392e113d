"""Small scenes in which things meet at the last seat. Each sets the scene and says who does what; nobody has begun yet.

Prices and quantities are as small as they can be, so that any mistake changes an answer or the books.
"""
