"""`course --help` beside its floor: Python with typer and rich imported.

python benchmarks/startup.py
"""

from measure import command, in_turn, show

show(
    "start of the command line",
    in_turn(
        {
            "course --help": command("-m", "course", "--help"),
            "course hint basic models": command("-m", "course", "hint", "basic", "models"),
            "python": command("-c", "pass"),
            "python, typer and rich": command("-c", "import typer, rich.console"),
        },
        runs=15,
    ),
)
