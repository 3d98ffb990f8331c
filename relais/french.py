"""click, speaking French: help pages, usage errors, and what a person reads when the work fails."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from directory.errors import InvalidQuery, RelaisError
from importers.errors import MissingInput, UnknownSource
from matching.errors import CohortError, ProfileError
from matching.french import lower_first

WORK_FAILED = 1
WRONG_USAGE = 2
_MISUSED = (InvalidQuery, MissingInput, UnknownSource)


class FrenchCommand(click.Command):
    """A command whose help is French."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The --help option, in French."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "Afficher cette aide."
        return option

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The usage line, in French."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="Utilisation : ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, in French."""
        records = [record for param in self.get_params(ctx) if (record := param.get_help_record(ctx)) is not None]
        if records:
            with formatter.section("Options "):
                formatter.write_dl([(_in_french(name), _in_french(text)) for name, text in records])
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)


class FrenchGroup(FrenchCommand, click.Group):
    """The ``relais`` command: French help, French errors, exit statuses 0, 1 and 2 as the contract says."""

    command_class = FrenchCommand

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """What follows the command in the usage line, in French."""
        return [piece.replace("COMMAND [ARGS]...", "COMMANDE …") for piece in super().collect_usage_pieces(ctx)]

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command, whose help then is French as well, wherever it was declared."""
        if type(cmd) is click.Command:
            cmd.__class__ = FrenchCommand
        super().add_command(cmd, name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, in French."""
        rows = [(name, self.commands[name].get_short_help_str(100)) for name in self.list_commands(ctx)]
        with formatter.section("Commandes "):
            formatter.write_dl(rows)

    def main(self, args: Sequence[str] | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        """Run, and end with the exit status of the contract."""
        try:
            status = super().main(args=args, prog_name="relais", standalone_mode=False, **extra)
        except click.exceptions.Abort:
            _stop("Interrompu.", WORK_FAILED)
        except KeyboardInterrupt:
            _stop("Interrompu.", WORK_FAILED)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.message, err=True)
            sys.exit(WRONG_USAGE)
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else "relais"
            _stop(f"{usage_message(error)}\nAide : {path} --help", WRONG_USAGE)
        except RelaisError as error:
            _stop(_naming_its_field(error), WRONG_USAGE if isinstance(error, _MISUSED) else WORK_FAILED)
        except BrokenPipeError:
            sys.stderr.close()  # the reader of our output left (`| head`): nothing to say, and nobody to say it to
            sys.exit(WORK_FAILED)
        sys.exit(status if isinstance(status, int) else 0)


_HELP_WORDS = {
    "[required]": "[obligatoire]",
    " TEXT": " TEXTE",
    " PATH": " CHEMIN",
    " INTEGER RANGE": " NOMBRE",
    " INTEGER": " NOMBRE",
    " FLOAT RANGE": " NOMBRE",
    " FLOAT": " NOMBRE",
}


def _in_french(text: str) -> str:
    """What click writes beside an option, in French."""
    for english, french in _HELP_WORDS.items():
        text = text.replace(english, french)
    return re.sub(r"  \[(?:x|\d+)[<>=]+[^\]]*\]$", "", text)


def usage_message(error: click.UsageError) -> str:  # noqa: PLR0911 - one sentence for each case
    """The French sentence of a usage error."""
    match error:
        case click.NoSuchOption():
            hint = f" Vouliez-vous dire {', '.join(error.possibilities)} ?" if error.possibilities else ""
            return f"Option inconnue : {error.option_name}.{hint}"
        case click.MissingParameter():
            return f"Il manque {_named(error.param)}."
        case click.BadParameter():
            return f"Valeur refusée pour {_named(error.param)} : {french_refusal(error.message)}"
        case click.BadOptionUsage():
            return f"L’option {error.option_name} attend une valeur."
        case _ if error.message.startswith("No such command"):
            return f"Commande inconnue : {error.message.split(chr(39))[1]}."
        case _ if error.message.startswith("Got unexpected extra argument"):
            return f"Argument en trop : {error.message.partition('(')[2].rstrip(')')}."
        case _:
            return f"Utilisation incorrecte : {error.message}"


_REFUSALS = (
    (r"(?s)(.+) is not in the range (.+)\.", r"« \1 » n’est pas dans l’intervalle \2."),
    (r"(?s)(.+) is not a valid (?:float|number)\.", r"« \1 » n’est pas un nombre."),
    (r"(?s)(.+) is not a valid integer\.", r"« \1 » n’est pas un nombre entier."),
    (r"(?s)(.+) is not one of (.+)\.", r"« \1 » n’est pas parmi \2."),
    (r"(?s)File (.+) does not exist\.", r"le fichier \1 n’existe pas."),
)


def french_refusal(message: str) -> str:
    """What click says of a value that it refuses, in French."""
    for pattern, sentence in _REFUSALS:
        if found := re.fullmatch(pattern, message):
            return found.expand(sentence).replace("« '", "« ").replace("' »", " »")
    return message


def _named(param: click.Parameter | None) -> str:
    if param is None:
        return "un paramètre"
    if isinstance(param, click.Option):
        return f"l’option {param.opts[0]}"
    return f"l’argument {(param.metavar or param.name or '').upper()}"


def _stop(message: str, status: int) -> NoReturn:
    click.echo(f"Erreur : {message}", err=True)
    sys.exit(status)


def _naming_its_field(error: RelaisError) -> str:
    """The error's sentence, after the field of the profile or of the cohort at fault where it does not say it."""
    if not isinstance(error, ProfileError | CohortError) or error.field in error.public:
        return error.public
    return f"« {error.field} » : {lower_first(error.public)}"
