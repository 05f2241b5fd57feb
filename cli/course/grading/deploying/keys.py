"""What looks like a secret: the names of variables and files, and values by themselves."""

import re

SECRET_NAME = re.compile(
    r"^(?!.*_(?:FILE|PATH|DIR|NAME)$)"  # where a secret is to be found is none
    r".*(?:API_?KEYS?|SECRET(?:_\w+)?|ACCESS_KEY|TOKEN|PASSWORD|PASSWD|CREDENTIALS?)$",
    re.IGNORECASE,
)
# NAME=value, unless it is another variable's, or what a command prints
GIVEN = re.compile(r"([\w-]+)=[\"']?(?![\"'$\s`\\%<*])")
A_KEY = re.compile(r"\bsk-[\w-]{8,}|\bgh[ps]_\w{20,}|\bAKIA\w{12,}|PRIVATE KEY-----")
KEY_FILES = re.compile(
    r"\.env(?!\.(example|sample|template|dist)$)(\..+)?|(prod(uction)?|secrets?|local)\.env"
    r"|id_(rsa|ed25519)"
    r"|(?!(.*[-_.])?(ca|certs?|(full)?chain|bundle)[-_.]).*\.pem"  # a certificate is no secret
    r"|(?!(.*[-_.])?pub(lic)?[-_.]).+\.key"
    r"|\.?secrets"  # a folder; the module of that name is Python's own
    r"|(.*[-_.])?(credentials?|secrets?|api[-_]?keys?|passwords?)\.(json|ya?ml|toml|ini|txt)"
)


def secrets_given_in(command: str) -> list[str]:
    """The names that a command gives a value which is a secret: `LLM_API_KEY=sk-...`."""
    return [name for name in GIVEN.findall(command) if SECRET_NAME.search(name)]
