"""Exit codes, and the exceptions that carry one."""

OK, FAILED, USAGE, UNHEALTHY, REFUSED, STOPPED, LOCKED = 0, 1, 2, 3, 4, 5, 75


class Refused(Exception):
    """The command can't go on; the message is the one line to print."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(" ".join(sentence.splitlines()))
        self.exit_code = exit_code


class BrokenOutlet(Refused):
    """An outlet's own code or declarations can't be used; `account` is the error with its file and line."""

    def __init__(self, name: str, account: str) -> None:
        super().__init__(f"{name} can't be used: {account}", FAILED)
        self.account = account
