class UserError(Exception):
    status = 400
    code = "problem"
    def __init__(self, message, *, detail="", fields=None):
        super().__init__(message); self.message=message; self.detail=detail; self.fields=fields or {}
class NotFound(UserError): status=404
class Denied(UserError): status=403
class SignInNeeded(UserError): status=401
class Conflict(UserError): status=409
class Invalid(UserError): status=422
class TooMany(UserError): status=429
class Unavailable(UserError): status=503
