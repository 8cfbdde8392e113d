"""What logs say of themselves over HTTP: heads for anybody, proofs and files for those who may read the log. It stands here
because the API's doors (keys.faces) stand above the log.
"""
