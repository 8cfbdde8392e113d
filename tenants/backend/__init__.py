"""Django's database backend, made to act under the role and path of whom the request is for."""
