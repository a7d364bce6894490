"""What is wrong with a file that people write."""

from pathlib import Path


class RuleFileError(Exception):
    """What is wrong with a file of rules: file, line, what was found, what to write instead."""

    def __init__(self, file: Path, line: int | None, problem: str) -> None:
        self.file, self.line, self.problem = file, line, problem
        where = f"{file}, line {line}" if line else str(file)
        super().__init__(f"{where}: {problem}")
